import { createUser } from '../../../services/gateway/accounts/create-user.ts'
import { copyOf, type Jar, jarOf, newJar, tokenIn } from '../../support/processes/browser.ts'
import { payloadOf } from '../../support/requests/visitor.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World } from '../../support/worlds/gateway-world.ts'
import { lmdbBacking } from '../../support/worlds/world-backing.ts'

const refreshOf = (jar: Jar): string => tokenIn(jar, 'refresh') ?? ''
const revokeId = (world: World, id: string) =>
  world.send('/revocations', newJar(), {
    json: { scope: 'token', id },
    headers: world.serviceHeaders,
  })
const revokeRefresh = async (world: World, jar: Jar): Promise<void> => {
  assert.is((await revokeId(world, payloadOf(refreshOf(jar)).jti)).status, 200)
}
const meStatus = async (world: World, jar: Jar): Promise<number> =>
  (await world.me(copyOf(jar))).status
const newestOf = async (world: World, jar: Jar) =>
  (await world.state.store.heads([`s/${payloadOf(refreshOf(jar)).sid}`]))[0]
const reasonsOf = async (world: World, jar: Jar) =>
  (await newestOf(world, jar))?.events.map((one) =>
    one.type === 'TokenRevoked' ? one.data.reason : one.type,
  )
const inSession = (
  env: Readonly<Record<string, string>>,
  prove: (world: World, jar: Jar) => Promise<void>,
): Promise<void> =>
  inWorld({ backing: lmdbBacking, env }, async (world) =>
    prove(world, await world.open(await world.addUser())),
  )
const introspect = async (world: World, token: string): Promise<unknown> => {
  const body = new URLSearchParams({ token, token_type_hint: 'refresh_token' })
  const init = { method: 'POST', headers: world.serviceHeaders, body }
  return ((await (await fetch(`${world.url}/introspect`, init)).json()) as { active: boolean })
    .active
}

claims('a refresh token that was revoked by its id alone', {
  'is 401 at the refresh, loses its cookies, and its session ends': () =>
    inSession({}, async (world, jar) => {
      const before = copyOf(jar)
      await revokeRefresh(world, jar)
      const answer = await world.refresh(jar)
      const body = { detail: 'Token is blacklisted', code: 'token_not_valid' }
      assert.equal([answer.status, answer.body, jar.size], [401, body, 0])
      assert.is(await meStatus(world, before), 401, 'its access token ended with it')
      assert.equal(await reasonsOf(world, before), ['revoked'])
      const version = (await newestOf(world, before))?.id.v
      assert.is((await world.refresh(copyOf(before))).status, 401)
      assert.is((await newestOf(world, before))?.id.v, version, 'it ends once')
    }),

  'is 401 in the body too, and at the blacklist view, which ends the session as well': () =>
    inSession({}, async (world, jar) => {
      for (const path of ['refresh', 'blacklist']) {
        const other = await world.open(await world.addUser())
        await revokeRefresh(world, other)
        const json = { refresh: refreshOf(other) }
        assert.is((await world.send(`/api/token/${path}/`, newJar(), { json })).status, 401)
        assert.equal(await reasonsOf(world, other), ['revoked'], path)
      }
      assert.is((await world.refresh(jar)).status, 200, 'another session goes on')
    }),

  'is inactive before it is presented, at introspection and verify': () =>
    inSession({}, async (world, jar) => {
      const token = refreshOf(jar)
      assert.is(await introspect(world, token), true)
      await revokeRefresh(world, jar)
      assert.is(await introspect(world, token), false)
      const verified = await world.send('/api/token/verify/', newJar(), { json: { token } })
      assert.equal(
        [verified.status, verified.body],
        [400, { non_field_errors: ['Token is blacklisted'] }],
      )
    }),

  'is not handed out again to who presents its predecessor within the grace': () =>
    inSession({}, async (world, jar) => {
      const before = copyOf(jar)
      assert.is((await world.refresh(jar)).status, 200)
      await revokeRefresh(world, jar)
      assert.is((await world.refresh(before)).status, 401)
      assert.equal(await reasonsOf(world, jar), ['revoked'])
    }),

  'stays refused with rotation off, where it would stay current': () =>
    inSession({ CURFEW_ROTATE_REFRESH_TOKENS: 'false' }, async (world, jar) => {
      assert.is((await world.refresh(jar)).status, 200)
      await revokeRefresh(world, jar)
      assert.is((await world.refresh(jar)).status, 401)
    }),

  'that is reused is told as reuse: a thief is not hidden by it': () =>
    inSession({ CURFEW_REFRESH_GRACE_PERIOD: '0s' }, async (world, jar) => {
      const before = copyOf(jar)
      assert.is((await world.refresh(jar)).status, 200)
      await revokeRefresh(world, before)
      assert.is((await world.refresh(jar)).status, 200, 'the id of a dead token ends nothing')
      assert.is((await world.refresh(before)).status, 401)
      assert.equal(await reasonsOf(world, jar), ['ReuseDetected', 'reuse'])
    }),
})

claims('a sliding token that was revoked by its id alone', {
  'neither authenticates nor is renewed': () =>
    inWorld({ env: { CURFEW_AUTH_TOKEN_CLASSES: 'access,sliding' } }, async (world) => {
      const json = { username: 'alice', password: 'correct horse' }
      await createUser(world.rooms, { ...json, roles: [] })
      const opened = await world.send('/api/token/sliding/', newJar(), { json })
      const { token } = opened.body as { token: string }
      assert.is(await meStatus(world, jarOf({ access: token })), 200)
      assert.is((await revokeId(world, payloadOf(token).jti)).status, 200)
      assert.is(await meStatus(world, jarOf({ access: token })), 401)
      const renewed = { json: { token } }
      assert.is((await world.send('/api/token/sliding/refresh/', newJar(), renewed)).status, 401)
    }),
})

claims('a malformed id', {
  'is a 400 that names the field `id`, whatever it should have been': () =>
    inWorld({}, async (world) => {
      for (const scope of ['token', 'session', 'subject', 'client']) {
        for (const id of ['not one', 'é', 'F'.repeat(32), 'f'.repeat(31)]) {
          // A subject may be named too, and some visible ASCII may be a client.
          if (scope === 'subject' || (scope === 'client' && /^[!-~]+$/.test(id))) continue
          const answer = await world.send('/revocations', newJar(), {
            json: { scope, id },
            headers: world.serviceHeaders,
          })
          assert.is(answer.status, 400, `${scope} ${id}`)
          assert.equal(Object.keys(answer.body as object), ['id'])
        }
      }
    }),
})
