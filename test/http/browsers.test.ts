import { tokenIn } from '../support/processes/browser.ts'
import { assert, claims } from '../support/suite.ts'
import { inWorld, type World } from '../support/worlds/gateway-world.ts'
import { rawRequest } from './raw-request.ts'

const refresh = async (world: World, headers: Record<string, string>): Promise<number> => {
  const jar = await world.open(await world.addUser())
  const cookie = `refresh=${tokenIn(jar, 'refresh')}`
  return (await rawRequest(`${world.url}/refresh`, { headers: { cookie, ...headers } })).status
}

claims('requests of browsers', {
  // asvs: 3.5.1
  'a write that a foreign page caused is 403': () =>
    inWorld({}, async (world) => {
      const foreign: Record<string, string>[] = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:8080' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'null', 'sec-fetch-site': 'cross-site' },
        { origin: 'null', 'sec-fetch-site': 'same-site' },
        { origin: 'http://localhost:5173', 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'Same-Origin', origin: 'null' },
        { 'sec-fetch-site': 'same-origin, cross-site', origin: 'null' },
        { 'sec-fetch-site': 'something new' },
        { origin: 'http://localhost' },
        { origin: 'http://localhost:80801' },
        { origin: 'http://localhost:8080.evil.example' },
        { origin: 'https://localhost:8080' },
        { origin: 'http://evil.example/http://localhost:8080' },
        { origin: 'HTTP://LOCALHOST:8080' },
      ]
      for (const headers of foreign) {
        const jar = await world.open(await world.addUser())
        const cookie = `refresh=${tokenIn(jar, 'refresh')}`
        const answer = await rawRequest(`${world.url}/refresh`, { headers: { cookie, ...headers } })
        assert.equal(
          [answer.status, answer.body['code']],
          [403, 'origin_refused'],
          JSON.stringify(headers),
        )
        assert.equal(answer.setCookie, [])
        assert.is((await world.refresh(jar)).status, 200, 'the session lives on')
      }
    }),

  'own pages, and callers that are no browser, pass': () =>
    inWorld({}, async (world) => {
      assert.is(await refresh(world, {}), 200)
      assert.is(await refresh(world, { origin: 'http://localhost:8080' }), 200)
      assert.is(await refresh(world, { origin: 'http://127.0.0.1:8080' }), 200)
      assert.is(await refresh(world, { 'sec-fetch-site': 'same-origin' }), 200)
      // Own pages without referrers, a service behind a proxy, and what nobody's page caused.
      for (const origin of ['null', 'http://localhost:8080', 'https://orders.example']) {
        assert.is(await refresh(world, { 'sec-fetch-site': 'same-origin', origin }), 200)
        assert.is(await refresh(world, { 'sec-fetch-site': 'none', origin }), 200)
      }
    }),

  'trusted origins pass': async () => {
    const env = { CURFEW_TRUSTED_ORIGINS: 'https://app.example' }
    await inWorld({ env }, async (world) => {
      assert.is(await refresh(world, { origin: 'https://app.example' }), 200)
      assert.is(await refresh(world, { origin: 'https://app.example.evil' }), 403)
    })
  },

  'reading needs no proof of origin': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
      assert.is((await world.send('/me', jar, { method: 'GET', headers })).status, 200)
    }),

  // asvs: 3.2.1, 3.4.4, 3.4.5, 3.4.6, 14.2.2, 14.3.2
  'every answer carries the headers that keep browsers strict': () =>
    inWorld({}, async (world) => {
      const jar = await world.open(await world.addUser())
      const answers = [
        await world.me(jar),
        await rawRequest(`${world.url}/me`, { method: 'GET' }),
        await rawRequest(`${world.url}/nothing`, { method: 'GET' }),
        await rawRequest(`${world.url}/login`, { headers: { origin: 'https://evil.example' } }),
      ]
      assert.equal(
        answers.map(({ status }) => status),
        [200, 401, 404, 403],
      )
      for (const { headers } of answers) {
        assert.is(headers['x-content-type-options'], 'nosniff')
        assert.is(headers['cache-control'], 'no-store')
        assert.is(headers['referrer-policy'], 'no-referrer')
        assert.match(String(headers['content-security-policy']), "default-src 'none'")
        assert.match(String(headers['content-security-policy']), "frame-ancestors 'none'")
        assert.is(headers['x-powered-by'], undefined)
        assert.is(headers['access-control-allow-origin'], undefined)
        assert.is(headers['vary'], undefined)
      }
    }),

  'health is open, and says which part is not ready': () =>
    inWorld({}, async (world) => {
      const alive = await rawRequest(`${world.url}/healthz`, { method: 'GET' })
      assert.equal([alive.status, alive.body], [200, { status: 'ok' }])
      const ready = await rawRequest(`${world.url}/readyz`, { method: 'GET' })
      assert.equal(Object.keys(ready.body).sort(), [
        'degraded',
        'notReady',
        'parts',
        'ready',
        'status',
      ])
    }),

  'the key set shows public keys only': () =>
    inWorld({}, async (world) => {
      const answer = await rawRequest(`${world.url}/.well-known/jwks.json`, { method: 'GET' })
      assert.is(answer.status, 200)
      assert.is(answer.headers['cache-control'], 'public, max-age=300')
      const { keys } = answer.body as { keys: Record<string, unknown>[] }
      assert.is(keys.length, 2)
      for (const key of keys) {
        assert.equal([key['kty'], key['alg'], key['use']], ['EC', 'ES256', 'sig'])
        for (const secret of ['d', 'k', 'p', 'q']) assert.is(key[secret], undefined)
      }
    }),
})
