import { parse } from 'yaml'
import { identityHeaders } from '../../services/gateway/proxies/forward-auth.ts'
import { type RawAnswer, rawRequest } from '../http/raw-request.ts'
import { namedBlock } from '../support/documents/code-blocks.ts'
import { at } from '../support/documents/manifests.ts'
import { tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'

const made = Object.fromEntries(identityHeaders.map((name) => [name.toLowerCase(), 'admin']))
const names = identityHeaders.map((name) => name.toLowerCase())

const open = async (world: World): Promise<string> =>
  tokenIn(await world.open(await world.addUser()), 'access') ?? ''

/** A printed configuration, as its proxy reads it. */
const printed = (name: string): unknown =>
  parse(namedBlock('docs/doors.md', name), { strict: true, uniqueKeys: true })

type Patterns = readonly Readonly<{ exact?: string; prefix?: string }>[]
const takes = (patterns: Patterns, name: string): boolean =>
  patterns.some(
    ({ exact, prefix }) => exact === name || (prefix !== undefined && name.startsWith(prefix)),
  )
const chosen = <Value>(headers: Readonly<Record<string, Value>>, patterns: Patterns) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => takes(patterns, name)))

/** What `forwardAuth` of the page says: where to ask, and which headers to take of the answer. */
const traefik = at(printed('traefik'), 'http', 'middlewares', 'curfew', 'forwardAuth') as Readonly<{
  address: string
  authResponseHeaders: readonly string[]
}>
const envoy = at(printed('envoy'), 'http_filters', 0, 'typed_config')
const patterns = (...path: string[]): Patterns =>
  at(envoy, 'http_service', ...path, 'patterns') as Patterns
const toClients = patterns('authorization_response', 'allowed_client_headers')

/**
 * Traefik's request (ForwardAuth): a GET of the address with the client's headers, and where the
 * original went in `X-Forwarded-…`.
 */
const asTraefik = (
  { url }: World,
  client: Record<string, string>,
  original = 'GET',
): Promise<RawAnswer> =>
  rawRequest(`${url}${new URL(traefik.address).pathname}`, {
    method: 'GET',
    headers: {
      ...client,
      'x-forwarded-method': original,
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-forwarded-uri': '/orders?page=2',
      'x-forwarded-for': '203.0.113.9',
    },
  })

/**
 * Envoy's (ext_authz over HTTP): the original method, the original path behind the prefix, no body,
 * and of the client's headers only those that are allowed, beside `Authorization`, which it adds.
 */
const asEnvoy = (
  { url }: World,
  client: Record<string, string>,
  [method, path]: readonly [string, string] = ['GET', '/orders?page=2'],
): Promise<RawAnswer> => {
  const allowed = patterns('authorization_request', 'allowed_headers')
  const headers = chosen(client, [...allowed, { exact: 'authorization' }])
  const prefix = String(at(envoy, 'http_service', 'path_prefix'))
  return rawRequest(`${url}${prefix}${path}`, {
    method,
    headers: { ...headers, 'content-length': '0' },
  })
}

const hasAll = ({ headers }: RawAnswer): boolean =>
  names.every((name) => headers[name] !== undefined)

const copied = traefik.authResponseHeaders.map((name) => name.toLowerCase())
/** What each proxy sends on, as it documents: Traefik deletes first, Envoy overwrites. */
const upstream = {
  traefik: (client: Record<string, string>, { headers }: RawAnswer) => ({
    ...Object.fromEntries(Object.entries(client).filter(([name]) => !copied.includes(name))),
    ...Object.fromEntries(copied.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))),
  }),
  envoy: (client: Record<string, string>, { headers }: RawAnswer) => ({
    ...client,
    ...chosen(headers, patterns('authorization_response', 'allowed_upstream_headers')),
  }),
}

claims('Traefik’s ForwardAuth, by its documented request', {
  'lets a good token through with its identity, and no other': () =>
    inWorld({}, async (world) => {
      const authorization = `Bearer ${await open(world)}`
      const good = await asTraefik(world, { authorization, ...made })
      assert.is(good.status, 200)
      assert.is(good.text, '')
      const sent = upstream.traefik({ authorization, ...made }, good) as Record<string, unknown>
      assert.not.ok(Object.values(sent).includes('admin'))
      assert.is(sent['curfew-client'], 'curfew')
      assert.is((await asTraefik(world, made)).status, 401)
      assert.is((await asTraefik(world, { cookie: 'access=x' })).status, 401)
    }),

  'refuses a foreign page’s write by the method that Traefik tells': () =>
    inWorld({}, async (world) => {
      const cookie = `access=${await open(world)}`
      const foreign = { cookie, origin: 'https://evil.example' }
      assert.is((await asTraefik(world, foreign, 'POST')).status, 403)
      assert.is((await asTraefik(world, foreign, 'GET')).status, 200)
      for (const origin of ['null', 'https://shop.example']) {
        const own = { cookie, origin, 'sec-fetch-site': 'same-origin' }
        assert.is((await asTraefik(world, own, 'POST')).status, 200, origin)
        const other = { ...own, 'sec-fetch-site': 'cross-site' }
        assert.is((await asTraefik(world, other, 'POST')).status, 403, origin)
      }
      assert.is(
        (await asTraefik(world, { ...foreign, 'x-original-method': 'GET' }, 'POST')).status,
        403,
      )
    }),
})

claims('Envoy’s ext_authz, by its documented request', {
  'answers 200 and nothing else to a good token, whatever the method and the path': () =>
    inWorld({}, async (world) => {
      const cookie = `access=${await open(world)}`
      const targets = [
        ['GET', '/'],
        ['POST', '/'],
        ['POST', '/orders/7?x=1'],
        ['DELETE', '/orders/%2e%2e/%zz'],
        ['PROPFIND', '//'],
        ['OPTIONS', '/orders'],
        ['HEAD', '/orders'],
        ['POST', '/login'],
      ] as const
      for (const target of targets) {
        const good = await asEnvoy(world, { cookie }, target)
        assert.equal([good.status, good.text], [200, ''], target.join(' '))
        assert.is(good.headers['curfew-client'], 'curfew', target.join(' '))
        const none = await asEnvoy(world, {}, target)
        assert.is(none.status, 401, target.join(' '))
      }
    }),

  // asvs: 4.1.3
  'overwrites every identity that a client made up, also when there is nothing to say': () =>
    inWorld({}, async (world) => {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, { roles: [] })
      const authorization = `Bearer ${tokenIn(await world.open(user), 'access')}`
      const good = await asEnvoy(world, { authorization })
      const sent = upstream.envoy({ authorization, ...made }, good) as Record<string, unknown>
      assert.not.ok(Object.values(sent).includes('admin'))
      assert.is(sent['curfew-roles'], '')
      for (const answer of [
        good,
        await asEnvoy(world, {}),
        await asEnvoy(world, { cookie: 'access=a; access=b' }),
      ]) {
        assert.ok(hasAll(answer), String(answer.status))
      }
    }),
})

claims('forward-auth', {
  // asvs: 1.1.2
  'roles and ids that no header can hold are percent-encoded': () =>
    inWorld({ env: { CURFEW_USER_ID_FIELD: 'username' } }, async (world) => {
      const user = await world.addUser()
      await world.state.directory.change(user.sub, {
        roles: ['a,b', 'zoë', 'x\r\nSet-Cookie: y', '100%'],
      })
      const token = tokenIn(await world.open(user), 'access') ?? ''
      const { headers } = await asEnvoy(world, { authorization: `Bearer ${token}` })
      assert.is(headers['curfew-roles'], 'a%2Cb,zo%C3%AB,x%0D%0ASet-Cookie:%20y,100%25')
    }),

  'the documented configurations name every header': () => {
    const nginx = namedBlock('docs/doors.md', 'server')
    for (const name of identityHeaders) {
      assert.ok(nginx.includes(`proxy_set_header ${name} $`), name)
      assert.ok(name.startsWith('Curfew-'))
    }
    assert.equal([...copied].sort(), [...names].sort())
  },

  'Envoy’s brings what the verdict needs, tells clients why, and opens for nobody unasked': () =>
    inWorld({}, async (world) => {
      const cookie = `access=${await open(world)}`
      const refused = async (headers: Record<string, string>, method = 'POST') =>
        (await asEnvoy(world, { cookie, ...headers }, [method, '/'])).status
      assert.is(await refused({ origin: 'https://evil.example' }), 403)
      assert.is(await refused({ 'sec-fetch-site': 'cross-site' }), 403)
      assert.is(await refused({ 'revocation-position': 'yesterday' }, 'GET'), 403)
      const told = chosen((await asEnvoy(world, {})).headers, toClients)
      assert.match(String(told['www-authenticate']), 'Bearer')
      for (const name of ['retry-after', 'vary', 'access-control-allow-origin']) {
        assert.ok(takes(toClients, name), name)
      }
      assert.is(at(envoy, 'failure_mode_allow'), false)
      assert.equal(at(envoy, 'status_on_error'), { code: 'ServiceUnavailable' })
      assert.match(String(at(envoy, '@type')), /\.ext_authz\.v3\.ExtAuthz$/)
      const server = at(envoy, 'http_service', 'server_uri') as object
      assert.equal(Object.keys(server), ['uri', 'cluster', 'timeout'])
    }),
})
