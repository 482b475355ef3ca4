import { gatewayRoutes } from '../../services/gateway/route-table.ts'
import type { Env } from '../../shared/kernel/config.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import { replacing } from '../support/fakes/faulty-stores.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { json, type RawAnswer, rawRequest } from './raw-request.ts'

const app = 'https://app.example'
const env: Env = {
  CURFEW_TRUSTED_ORIGINS: `${app},https://*.pages.example`,
  CURFEW_BASE_PATH: '/a',
}
const strangers = [
  'https://evil.example',
  'http://app.example',
  'https://app.example.evil.example',
  'https://pages.example',
  'https://a.b.pages.example',
  'null',
  '*',
  'http://localhost:8080',
]

type Ask = Readonly<{
  method: string
  origin: string
  headers?: Record<string, string>
  body?: string
}>
const ask = (
  { url }: World,
  path: string,
  { method, origin, headers = {}, body = '' }: Ask,
): Promise<RawAnswer> =>
  rawRequest(`${url}${path}`, { method, headers: { origin, ...headers }, body })

const preflight = (world: World, path: string, origin: string, method: string) =>
  ask(world, path, {
    method: 'OPTIONS',
    origin,
    headers: {
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type,x-trace',
    },
  })

const corsOf = ({ headers }: RawAnswer): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))
const exposed =
  'Revocation-Status,Revocation-Position,Revocation-Receipt,Retry-After,' +
  'WWW-Authenticate,Allow,ETag,X-Request-Id'
const isShared = (answer: RawAnswer, origin: string, what: string): void =>
  assert.equal(
    corsOf(answer),
    {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': exposed,
    },
    what,
  )

const proxies = /^\/verify\/\{|^get \/verify$/
/** Every row with the method that a browser would ask for, as the reference lists them. */
const rows = gatewayRoutes.map(({ method, path, doc: { security } }) => ({
  method: method === 'all' ? 'POST' : method.toUpperCase(),
  path: `/a${path
    .replace('{/}', '/')
    .replace('{*path}', 'orders')
    .replace(/:[a-z]+/g, 'x')}`,
  isForServices:
    security.length > 0 && security.every((schemes) => schemes.includes('serviceClient')),
  isForProxies: proxies.test(path) || proxies.test(`${method} ${path}`),
}))

claims('a page on another origin that the settings name', {
  'gets a preflight on every route that a browser may call, and on no other': () =>
    inWorld({ env }, async (world) => {
      const counts = { shared: 0, kept: 0 }
      for (const { method, path, isForServices, isForProxies } of rows) {
        const answer = await preflight(world, path, app, method)
        const what = `${method} ${path}`
        if (isForServices || isForProxies) {
          assert.equal(corsOf(answer), {}, what)
          counts.kept += 1
          continue
        }
        assert.is(answer.status, 204, what)
        assert.equal(
          corsOf(answer),
          {
            'access-control-allow-origin': app,
            'access-control-allow-credentials': 'true',
            'access-control-allow-methods': 'GET,HEAD,PUT,POST,DELETE,PATCH',
            'access-control-allow-headers': 'content-type,x-trace',
            'access-control-max-age': '7200',
          },
          what,
        )
        assert.match(String(answer.headers['vary']), /\bOrigin\b/, what)
        counts.shared += 1
      }
      assert.ok(counts.shared > 25 && counts.kept > 10, JSON.stringify(counts))
      for (const path of ['/a/introspect', '/a/revoke', '/a/ssf/streams', '/a/verify/orders']) {
        assert.equal(corsOf(await preflight(world, path, app, 'POST')), {}, path)
      }
    }),

  'may read every answer: success, 400, 401, 403, 404, 405, 413, 415, 429': () =>
    inWorld({ env }, async (world) => {
      const jar = await world.open(await world.addUser())
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
      const wrong = JSON.stringify({ username: 'nobody', password: 'x' })
      const post = { method: 'POST', origin: app, headers: json }
      const seen = new Map<number, RawAnswer>()
      const note = (answer: RawAnswer): void => {
        isShared(answer, app, String(answer.status))
        seen.set(answer.status, answer)
      }
      note(await ask(world, '/a/me', { method: 'GET', origin: app, headers: { cookie } }))
      note(await ask(world, '/a/login', { ...post, body: '{' }))
      note(await ask(world, '/a/users', { method: 'GET', origin: app, headers: { cookie } }))
      note(await ask(world, '/a/nothing', { method: 'GET', origin: app }))
      note(await ask(world, '/a/login', { method: 'DELETE', origin: app }))
      note(await ask(world, '/a/login', { ...post, body: 'x'.repeat(20_000) }))
      note(
        await ask(world, '/a/login', { ...post, headers: { 'content-type': 'text/x' }, body: 'x' }),
      )
      for (let turn = 0; turn < 40 && !seen.has(429); turn += 1) {
        note(await ask(world, '/a/login', { ...post, body: wrong }))
      }
      assert.ok(seen.get(429)?.headers['retry-after'])
      const out = await ask(world, '/a/logout', { ...post, headers: { cookie, ...json } })
      note(out)
      assert.equal([out.status, out.headers['revocation-status']], [200, 'acknowledged'])
      assert.equal([...seen.keys()].sort(), [200, 400, 401, 403, 404, 405, 413, 415, 429])
    }),

  'may read that the store is down, and what anybody may read with credentials too': () => {
    let isDown = false
    const failing = async (): Promise<never> => {
      throw new AuthError('STORE_UNAVAILABLE', 'down')
    }
    return inWorld(
      {
        env,
        wrap: (ports) => ({
          ...ports,
          store: replacing<EventStore>(ports.store, {
            heads: (streams) => (isDown ? failing() : ports.store.heads(streams)),
          }),
        }),
      },
      async (world) => {
        const jar = await world.open(await world.addUser())
        const headers = { cookie: [...jar].map((pair) => pair.join('=')).join('; ') }
        isDown = true
        const down = await ask(world, '/a/me', { method: 'GET', origin: app, headers })
        assert.is(down.status, 503)
        isShared(down, app, '503')
        isDown = false
        const page = 'https://x.pages.example'
        const path = '/a/.well-known/jwks.json'
        isShared(await ask(world, path, { method: 'GET', origin: page }), page, 'keys')
        const stranger = await ask(world, path, { method: 'GET', origin: 'https://evil.example' })
        assert.equal(corsOf(stranger), { 'access-control-allow-origin': '*' })
      },
    )
  },

  // asvs: 3.4.2
  'may write, whatever the site; a stranger’s write and preflight are 403, and it reads nothing':
    () =>
      inWorld({ env }, async (world) => {
        for (const site of ['', 'same-site', 'cross-site', 'same-origin']) {
          const headers: Record<string, string> = site === '' ? {} : { 'sec-fetch-site': site }
          const answer = await ask(world, '/a/refresh', { method: 'POST', origin: app, headers })
          assert.is(answer.status, 401, site)
          isShared(answer, app, site)
        }
        for (const origin of strangers) {
          const headers = { 'sec-fetch-site': 'cross-site' }
          const write = await ask(world, '/a/refresh', { method: 'POST', origin, headers })
          assert.equal([write.status, write.body['code']], [403, 'origin_refused'], origin)
          assert.match(String(write.body['detail']), 'CURFEW_TRUSTED_ORIGINS')
          const asked = await preflight(world, '/a/refresh', origin, 'POST')
          assert.equal([asked.status, asked.body['code']], [403, 'origin_refused'], origin)
          const read = await ask(world, '/a/me', { method: 'GET', origin })
          for (const answer of [write, asked, read]) {
            assert.equal(corsOf(answer), {}, origin)
            assert.match(String(answer.headers['vary']), /\bOrigin\b/)
          }
        }
      }),

  // asvs: 3.4.2
  'is every page’s stranger where nothing is named, and the answer names the setting': () =>
    inWorld({}, async (world) => {
      const asked = await preflight(world, '/login', 'http://localhost:5173', 'POST')
      assert.is(asked.status, 403)
      const detail = String(asked.body['detail'])
      assert.match(detail, 'http://localhost:5173')
      assert.match(detail, 'CURFEW_TRUSTED_ORIGINS')
      assert.equal(corsOf(asked), {})
      const odd = await ask(world, '/login', { method: 'POST', origin: `x"<${'y'.repeat(500)}` })
      assert.not.match(String(odd.body['detail']), 'yyy')
      // No page asks before it sends this; what OPTIONS tells otherwise stays.
      assert.is((await ask(world, '/login', { method: 'OPTIONS', origin: app })).status, 200)
    }),
})
