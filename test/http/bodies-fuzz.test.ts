import fc from 'fast-check'
import { anyText } from '../support/fakes/any-text.ts'
import { copyOf, type Jar, tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { type RawAnswer, rawRequest } from './raw-request.ts'

const paths = [
  '/login',
  '/refresh',
  '/logout',
  '/verify',
  '/sliding/login',
  '/sliding/refresh',
  '/api/token/',
  '/api/token/refresh/',
  '/api/token/verify/',
  '/api/token/blacklist/',
  '/api/token/sliding/',
  '/api/token/sliding/refresh/',
  '/introspect',
  '/revoke',
  '/revocations',
] as const
const runs = 600

const name = fc.constantFrom('username', 'password', 'refresh', 'token', 'scope', 'id', '__proto__')
const strange = fc.oneof(
  anyText({ maxLength: 40 }),
  fc.constantFrom('\0', '\ud800', '\ufeff', '\u2028', 'a\r\nb', '', ' ', '%', '%f', '+', '&=;'),
)
const member = fc.oneof(
  strange,
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.bigInt().map(String),
)
const asJson = fc
  .array(fc.tuple(name, member), { maxLength: 5 })
  .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${JSON.stringify(value)}`).join()}}`)
const asForm = fc
  .array(fc.tuple(name, strange), { maxLength: 5 })
  .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join('&'))
const asParts = fc
  .array(fc.tuple(name, strange, fc.constantFrom('', '; filename="a"')), { maxLength: 4 })
  .map((parts) => {
    const shown = parts.map(
      ([key, value, more]) =>
        `--b\r\nContent-Disposition: form-data; name="${key}"${more}\r\n\r\n${value}\r\n`,
    )
    return `${shown.join('')}--b--\r\n`
  })
const types = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=b',
  'application/json; charset=utf-16',
  'multipart/form-data',
  'text/plain',
  'application/xml',
  '',
] as const
/** Mostly a body with its own type: one that is refused for its type is not read. */
const typed = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(asJson, fc.constant(types[0])) },
  { weight: 3, arbitrary: fc.tuple(asForm, fc.constant(types[1])) },
  { weight: 3, arbitrary: fc.tuple(asParts, fc.constant(types[2])) },
  { weight: 1, arbitrary: fc.tuple(fc.oneof(asJson, strange), fc.constantFrom(...types)) },
)
// Bytes changed and cut off anywhere: what no encoder writes.
const harmed = fc
  .tuple(
    typed,
    fc.nat(),
    fc.nat(255),
    fc.constantFrom('none', 'none', 'changed', 'cut'),
    fc.nat(20),
  )
  .map(([[text, contentType], at, byte, harm, rare]) => {
    const body = rare === 0 ? Buffer.alloc(20_000, 0x61) : Buffer.from(text)
    if (body.length === 0 || harm === 'none') return { body, contentType }
    if (harm === 'cut') return { body: body.subarray(0, at % body.length), contentType }
    body[at % body.length] = byte
    return { body, contentType }
  })
const encoding = fc.constantFrom(null, null, null, null, null, null, 'gzip', 'identity')
const request = fc
  .tuple(fc.constantFrom(...paths), harmed, encoding)
  .map(([path, given, encoding]): Request => ({ path, ...given, encoding }))
type Request = Readonly<{
  path: string
  body: Buffer
  contentType: string
  encoding: string | null
}>

const cookiesOf = (jar: Jar): string => [...jar].map(([key, value]) => `${key}=${value}`).join('; ')

/** Each request from elsewhere, so that none is answered 429 before it is read. */
let sender = 0
const nextAddress = (): string => {
  sender += 1
  return `10.0.${sender >> 8}.${sender & 255}`
}

const sent = (world: World, { path, body, contentType, encoding }: Request, jar: Jar) => {
  // Cookie routes get the access cookie only where it decides nothing: their bodies are not read.
  const isService = path === '/introspect' || path === '/revocations'
  const headers = {
    'x-forwarded-for': nextAddress(),
    'content-type': contentType,
    ...(encoding === null ? {} : { 'content-encoding': encoding }),
    ...(isService ? world.serviceHeaders : {}),
    ...(path.startsWith('/api/') || path.endsWith('login') ? { cookie: cookiesOf(jar) } : {}),
  }
  return rawRequest(`${world.url}${path}`, { headers, body })
}

const isMessages = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0] !== ''

/** `detail` that people read, OAuth's `error`, or a list of messages under each field's name. */
const isStable = (answer: RawAnswer['body']): boolean =>
  typeof answer['detail'] === 'string' ||
  typeof answer['error'] === 'string' ||
  (Object.keys(answer).length > 0 && Object.values(answer).every(isMessages))

const isRefusal = ({ path }: Request, { status, body, headers, setCookie }: RawAnswer): void => {
  const shown = `${path}: ${status} ${JSON.stringify(body)}`
  // A token that is none is inactive (RFC 7662, 2.2), not an error.
  const isInactive = status === 200 && body['active'] === false
  assert.ok(isInactive || (status >= 400 && status < 500 && status !== 429), shown)
  assert.match(String(headers['content-type']), /^application\/json/, shown)
  assert.ok(isInactive || isStable(body), shown)
  assert.is('www-authenticate' in headers, status === 401, shown)
  assert.equal(setCookie, [], shown)
}

claims('bodies that nobody should send', {
  // asvs: 2.2.1, 2.2.2, 16.5.1
  'each is a 4xx in JSON with a stable code or field, and harms no session': () =>
    inWorld({ env: { CURFEW_PROXY_HOPS: '1' } }, async (world) => {
      const jar = await world.open(await world.addUser())
      const kept = copyOf(jar)
      await fc.assert(
        fc.asyncProperty(request, async (given) => isRefusal(given, await sent(world, given, jar))),
        { numRuns: runs },
      )
      assert.equal(jar, kept)
      assert.is((await world.me(jar)).status, 200)
      assert.is((await world.refresh(jar)).status, 200)
      assert.is(tokenIn(jar, 'refresh') === tokenIn(kept, 'refresh'), false)
    }),
})
