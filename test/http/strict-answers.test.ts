import { once } from 'node:events'
import { connect } from 'node:net'
import { documentedPath, documentedRoutes } from '../../.ci/reference/openapi.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { json, type RawAnswer, rawRequest } from './raw-request.ts'

type Asked = Readonly<{ asked: string; method: string; answer: RawAnswer }>

const paths = (): string[] => [
  ...new Set(documentedRoutes().map(({ path }) => documentedPath(path).replace(/\{[^}]+\}/g, 'x'))),
]

const pages = new Set(
  documentedRoutes()
    .filter(({ doc }) => doc.tag === 'Pages')
    .map(({ path }) => path),
)
const isPage = (asked: string): boolean => pages.has(asked.split(/[ :]/)[1] ?? '')

/** Every documented address by this method, with and without a token that is good. */
const askAll = async (world: World, method: string): Promise<Asked[]> => {
  const access = tokenIn(await world.open(await world.addUser()), 'access')
  const asked: Asked[] = []
  for (const path of paths()) {
    for (const own of [{}, { authorization: `Bearer ${access}` }]) {
      const body = method === 'POST' ? { body: '{}' } : {}
      const headers = method === 'POST' ? { ...json, ...own } : own
      const answer = await rawRequest(`${world.url}${path}`, { method, headers, ...body })
      asked.push({ asked: `${method} ${path}: ${answer.status}`, method, answer })
    }
  }
  return asked
}

const rawStatuses = async (url: string, text: string): Promise<number[]> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setEncoding('utf8')
  let heard = ''
  socket.on('data', (chunk: string) => {
    heard += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return [...heard.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]))
}

claims('every route', {
  // asvs: 3.2.1, 3.4.1, 3.4.3, 3.4.4, 3.4.6, 3.7.2, 4.1.1, 4.1.2
  'demands https, names the type of its body, runs nothing, leads from page to page alone': () =>
    inWorld({}, async (world) => {
      const all = [...(await askAll(world, 'GET')), ...(await askAll(world, 'POST'))]
      assert.ok(all.length > 60)
      for (const { asked, answer } of all) {
        const { headers, status, text } = answer
        const sts = 'max-age=31536000; includeSubDomains'
        assert.is(headers['strict-transport-security'], sts, asked)
        const policy = String(headers['content-security-policy'])
        for (const part of ['default-src', 'object-src', 'base-uri', 'frame-ancestors']) {
          assert.match(policy, `${part} 'none'`, asked)
        }
        assert.is(headers['x-content-type-options'], 'nosniff', asked)
        const type = String(headers['content-type'])
        if (isPage(asked) && status === 303) {
          assert.match(String(headers['location']), /^\/(sign-in|account)\b/, asked)
          continue
        }
        if (isPage(asked) && type === 'text/html; charset=utf-8') {
          assert.match(policy, "script-src 'none'", asked)
          continue
        }
        assert.match(policy, 'sandbox', asked)
        assert.not.ok(status >= 300 && status < 400, asked)
        if (text === '') continue
        assert.match(type, /^application\/[\w.+-]*(json|jwt)(; charset=utf-8)?$/, asked)
        if (type.startsWith('application/json')) assert.match(type, 'charset=utf-8', asked)
        if (type.includes('json')) assert.not.throws(() => JSON.parse(text), asked)
      }
    }),

  // asvs: 3.5.3, 13.4.4
  'that only writes does nothing for a GET, and none does anything for TRACE': () =>
    inWorld({}, async (world) => {
      const reads = new Set(
        documentedRoutes()
          .filter(({ method }) => method === 'get')
          .map(({ path }) => documentedPath(path).replace(/\{[^}]+\}/g, 'x')),
      )
      for (const path of paths().filter((each) => !reads.has(each))) {
        const jar = await world.open(await world.addUser())
        const authorization = `Bearer ${tokenIn(jar, 'access')}`
        const options = { method: 'GET', headers: { authorization } }
        const answer = await rawRequest(`${world.url}${path}`, options)
        assert.ok([401, 404, 405].includes(answer.status), `GET ${path}: ${answer.status}`)
        assert.is((await world.me(jar)).status, 200, path)
      }
      for (const { asked, answer } of await askAll(world, 'TRACE')) {
        // Forward-auth says yes or no to a proxy, by whatever method a client came.
        const isVerdict = asked.startsWith('TRACE /verify')
        assert.ok((answer.status >= 400 && answer.status < 500) || isVerdict, asked)
        assert.not.match(answer.text, 'Bearer', asked)
        if (answer.status === 200) assert.is(answer.text, '', asked)
      }
    }),

  // asvs: 14.2.1
  'reads no token from its address': () =>
    inWorld({}, async (world) => {
      const access = tokenIn(await world.open(await world.addUser()), 'access') ?? ''
      for (const name of ['access', 'access_token', 'token', 'authorization', '__Host-access']) {
        const query = `${name}=${encodeURIComponent(access)}`
        const answer = await rawRequest(`${world.url}/me?${query}`, { method: 'GET' })
        assert.ok([400, 401].includes(answer.status), `${name}: ${answer.status}`)
        assert.not.match(answer.text, access)
      }
    }),
})

claims('a gateway', {
  // asvs: 4.2.1
  'finds one end of each message: two lengths, or a length beside chunks, are 400 and the end':
    () =>
      inWorld({}, async (world) => {
        const hidden = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'
        const head = 'POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
        for (const lengths of [
          `Content-Length: 0\r\nContent-Length: ${hidden.length}\r\n`,
          'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
          'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n',
          'Transfer-Encoding: xchunked\r\n',
          'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n',
          'Content-Length: +5\r\n',
          'Content-Length: 0x5\r\n',
          'Content-Length : 5\r\n',
        ]) {
          const text = `${head}${lengths}\r\n0\r\n\r\n${hidden}`
          assert.equal(await rawStatuses(world.url, text), [400], lengths)
        }
      }),

  // asvs: 6.3.2
  'has no account at first, and opens to no usual name': () =>
    inWorld({}, async (world) => {
      assert.is(await world.state.directory.count(), 0)
      for (const name of ['admin', 'root', 'sa', 'curfew']) {
        const body = JSON.stringify({ username: name, password: name })
        const answer = await rawRequest(`${world.url}/login`, { headers: json, body })
        assert.is(answer.status, 401, name)
      }
    }),
})
