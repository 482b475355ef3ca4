import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { newJar, tokenIn } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { basic, openPair, postForm } from '../../support/worlds/service-desk.ts'
import type { RawAnswer } from '../raw-request.ts'

const env = { CURFEW_SERVICE_CLIENTS: 'reader:another-long-secret,w:a-long-enough-secret:revoke' }
const reader = basic('reader:another-long-secret')
const introspect = (
  world: World,
  fields: Record<string, string>,
  headers: Record<string, string> = reader,
): Promise<RawAnswer> => postForm(world, '/introspect', fields, headers)

const isInactive = ({ status, text }: RawAnswer): void =>
  assert.equal([status, text], [200, '{"active":false}'])

const slidingToken = async (world: World): Promise<string> => {
  const user = { username: 'alice', password: 'correct horse', roles: [] }
  await createUser(world.rooms, user)
  const jar = newJar()
  await world.send('/sliding/login', jar, { json: user })
  return tokenIn(jar, 'access') ?? ''
}

claims('RFC 7662 introspection', {
  'tells what RFC 7662 names, the session, and the user as services know it': () =>
    inWorld({ env }, async (world) => {
      const { access } = await openPair(world)
      const { body, headers } = await introspect(world, { token: access })
      assert.equal(
        Object.keys(body).sort(),
        [
          ...['active', 'aud', 'auth_time', 'client_id', 'exp', 'iat', 'iss', 'jti', 'kind'],
          ...['roles', 'sid', 'sub', 'token_type', 'user_id'],
        ].sort(),
      )
      assert.equal([body['active'], body['kind'], body['token_type']], [true, 'access', 'Bearer'])
      assert.is(headers['cache-control'], 'no-store')
      assert.match(String(headers['content-type']), /^application\/json/)
    }),

  'tells the name where tokens hold it': () =>
    inWorld({ env: { ...env, CURFEW_USER_ID_FIELD: 'username' } }, async (world) => {
      const user = await world.addUser()
      const token = tokenIn(await world.open(user), 'access') ?? ''
      assert.is((await introspect(world, { token })).body['username'], user.username)
    }),

  // asvs: 8.2.3
  'a refresh token is told only to who hints at one': () =>
    inWorld({ env }, async (world) => {
      const { refresh } = await openPair(world)
      isInactive(await introspect(world, { token: refresh }))
      isInactive(await introspect(world, { token: refresh, token_type_hint: 'access_token' }))
      const hinted = { token: refresh, token_type_hint: 'refresh_token' }
      const { body } = await introspect(world, hinted)
      assert.equal([body['active'], body['kind'], body['token_type']], [true, 'refresh', undefined])
      await world.send('/api/token/refresh/', newJar(), { json: { refresh } })
      isInactive(await introspect(world, hinted))
    }),

  'hints are no more than that: a wrong or an unknown one finds the token': () =>
    inWorld({ env }, async (world) => {
      const { access } = await openPair(world)
      for (const hint of ['refresh_token', 'access_token', 'saml', '']) {
        const { body } = await introspect(world, { token: access, token_type_hint: hint })
        assert.is(body['active'], true, hint)
      }
    }),

  'a sliding token is active where sliding tokens authenticate': async () => {
    for (const [accepted, active] of [
      ['access', false],
      ['access,sliding', true],
    ] as const) {
      const both = { ...env, CURFEW_AUTH_TOKEN_CLASSES: accepted }
      await inWorld({ env: both }, async (world) => {
        const { body } = await introspect(world, { token: await slidingToken(world) })
        assert.is(body['active'], active, accepted)
        if (active) assert.is(body['kind'], 'sliding')
      })
    }
  },

  'takes a minimum position and tells what it knows': () =>
    inWorld({ env }, async (world) => {
      const { access } = await openPair(world)
      const jar = await world.open(await world.addUser())
      const ended = tokenIn(jar, 'access') ?? ''
      const { headers } = await world.logout(jar)
      const demand = { ...reader, 'revocation-position': String(headers['revocation-position']) }
      const before = world.clock.now()
      const answer = await introspect(world, { token: access }, demand)
      assert.is(answer.body['active'], true)
      isInactive(await introspect(world, { token: ended }, demand))
      const [, instant] = String(answer.headers['revocation-position']).split('t:')
      assert.ok(Math.abs(Number(instant) - before) < 5_000)
      const bad = { ...reader, 'revocation-position': 'later' }
      const refused = await introspect(world, { token: access }, bad)
      assert.equal([refused.status, refused.body['error']], [400, 'invalid_request'])
    }),

  'every refusal is worded as OAuth does': () =>
    inWorld({ env }, async (world) => {
      const missing = await introspect(world, { other: '1' })
      assert.equal([missing.status, missing.body['error']], [400, 'invalid_request'])
      const none = await introspect(world, { token: 'a' }, {})
      assert.equal([none.status, none.body], [401, { error: 'invalid_client' }])
      const other = await introspect(world, { token: 'a' }, basic('w:a-long-enough-secret'))
      assert.equal([other.status, other.body], [403, { error: 'unauthorized_client' }])
    }),
})
