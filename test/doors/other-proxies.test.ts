import { identityHeaders } from '../../services/gateway/http/forward-auth.ts'
import { type RawAnswer, rawRequest } from '../http/raw-request.ts'
import { tokenIn } from '../support/browser.ts'
import { namedBlock } from '../support/code-blocks.ts'
import { inWorld, type World } from '../support/gateway-world.ts'
import { assert, claims } from '../support/suite.ts'

const made = Object.fromEntries(identityHeaders.map((name) => [name.toLowerCase(), 'admin']))
const names = identityHeaders.map((name) => name.toLowerCase())

const open = async (world: World): Promise<string> =>
  tokenIn(await world.open(await world.addUser()), 'access') ?? ''

/**
 * Traefik's request (ForwardAuth): a GET of the address with the client's headers, and where the
 * original went in `X-Forwarded-…`.
 */
const asTraefik = (
  { url }: World,
  client: Record<string, string>,
  original = 'GET',
): Promise<RawAnswer> =>
  rawRequest(`${url}/verify/`, {
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
 * and of the client's headers only those that are allowed.
 */
const asEnvoy = (
  { url }: World,
  client: Record<string, string>,
  [method, path]: readonly [string, string] = ['GET', '/orders?page=2'],
): Promise<RawAnswer> =>
  rawRequest(`${url}/verify${path}`, { method, headers: { ...client, 'content-length': '0' } })

const hasAll = ({ headers }: RawAnswer): boolean =>
  names.every((name) => headers[name] !== undefined)

/** What each proxy sends on, as it documents: Traefik deletes first, Envoy overwrites. */
const upstream = {
  traefik: (client: Record<string, string>, { headers }: RawAnswer) => ({
    ...Object.fromEntries(Object.entries(client).filter(([name]) => !names.includes(name))),
    ...Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))),
  }),
  envoy: (client: Record<string, string>, { headers }: RawAnswer) => ({
    ...client,
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('curfew-'))),
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
    const [nginx, traefik, envoy] = ['server', 'traefik', 'envoy'].map((name) =>
      namedBlock('docs/doors.md', name),
    ) as [string, string, string]
    for (const name of identityHeaders) {
      assert.ok(traefik.includes(`- ${name}\n`), name)
      assert.ok(nginx.includes(`proxy_set_header ${name} $`), name)
      assert.ok(name.startsWith('Curfew-'))
    }
    assert.ok(envoy.includes('prefix: curfew-'))
    for (const name of ['origin', 'sec-fetch-site']) assert.ok(envoy.includes(`exact: ${name} }`))
    assert.ok(envoy.includes('prefix: access-control-'))
  },
})
