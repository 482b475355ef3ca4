import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { thumbprint } from '../../../shared/tokens/key-rings/key-ring.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { type RawAnswer, rawRequest } from '../raw-request.ts'

const name = '/.well-known/oauth-authorization-server'
const read = (
  { url }: World,
  path: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer> => rawRequest(`${url}${path}`, { method: 'GET', headers })

claims('RFC 8414 metadata', {
  'names the issuer exactly as tokens do, and where everything is': () =>
    inWorld({}, async (world) => {
      const { status, body, headers } = await read(world, name)
      assert.is(status, 200)
      assert.match(String(headers['content-type']), /^application\/json/)
      assert.is(body['issuer'], 'http://localhost:8080')
      assert.is(body['jwks_uri'], 'http://localhost:8080/.well-known/jwks.json')
      assert.is(body['introspection_endpoint'], 'http://localhost:8080/introspect')
      assert.is(body['revocation_endpoint'], 'http://localhost:8080/revoke')
      assert.ok(Array.isArray(body['response_types_supported']))
      const empty = Object.values(body).filter((one) => Array.isArray(one) && one.length === 0)
      assert.equal(empty, [])
    }),

  'stands at the root of the host, whatever the base path': () =>
    inWorld({ env: { CURFEW_BASE_PATH: '/auth' } }, async (world) => {
      const { status, body } = await read(world, name)
      assert.is(status, 200)
      assert.is(body['revocation_endpoint'], 'http://localhost:8080/auth/revoke')
      assert.equal((await read(world, `/auth${name}`)).body, body)
      assert.is((await read(world, '/.well-known/jwks.json')).status, 404)
      const { pathname } = new URL(String(body['jwks_uri']))
      assert.is((await read(world, pathname)).status, 200)
    }),

  'has the path of the issuer behind it': () =>
    inWorld({ env: { CURFEW_ISSUER: 'https://id.example/tenant/7' } }, async (world) => {
      const { status, body } = await read(world, `${name}/tenant/7`)
      assert.equal([status, body['issuer']], [200, 'https://id.example/tenant/7'])
      assert.is((await read(world, `${name}/tenant/8`)).status, 404)
    }),

  'is the same, byte for byte, where OpenID Connect Discovery has it': async () => {
    const openid = '/.well-known/openid-configuration'
    const tenant = 'https://id.example/tenant/7'
    for (const [env, wanted, others] of [
      [{}, name, [openid]],
      [{ CURFEW_BASE_PATH: '/auth' }, name, [openid, `/auth${openid}`]],
      [{ CURFEW_ISSUER: tenant }, `${name}/tenant/7`, [`${openid}/tenant/7`, `/tenant/7${openid}`]],
      [{ CURFEW_ISSUER: 'curfew' }, name, [openid]],
    ] as const) {
      await inWorld({ env }, async (world) => {
        const { text, headers } = await read(world, wanted)
        for (const path of others) {
          const same = await read(world, path)
          assert.equal([same.status, same.text], [200, text], path)
          assert.is(same.headers['content-type'], headers['content-type'])
          const again = { 'if-none-match': String(headers.etag) }
          assert.is((await read(world, path, again)).status, 304)
        }
      })
    }
  },
})

claims('the public keys', {
  'are a JWK Set that may be kept for a while, with thumbprints as ids': () =>
    inWorld({}, async (world) => {
      const { body, headers } = await read(world, '/.well-known/jwks.json')
      assert.match(String(headers['content-type']), /^application\/jwk-set\+json/)
      assert.is(headers['cache-control'], 'public, max-age=300')
      assert.is(headers['access-control-allow-origin'], '*')
      const keys = body['keys'] as (JsonWebKey & { kid: string })[]
      assert.is(keys.length, 2)
      for (const jwk of keys) {
        assert.is(jwk.kid, thumbprint(createPublicKey({ key: jwk, format: 'jwk' })))
        assert.not.ok('d' in jwk)
      }
    }),

  'are plain JSON to who takes only that, and 304 to who has them': () =>
    inWorld({}, async (world) => {
      const plain = await read(world, '/.well-known/jwks.json', { accept: 'application/json' })
      assert.match(String(plain.headers['content-type']), /^application\/json/)
      const again = { 'if-none-match': String(plain.headers.etag) }
      const kept = await read(world, '/.well-known/jwks.json', again)
      assert.equal([kept.status, kept.text], [304, ''])
    }),
})
