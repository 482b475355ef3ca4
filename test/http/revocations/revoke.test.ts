import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { replacing } from '../../support/fakes/faulty-stores.ts'
import { newJar } from '../../support/processes/browser.ts'
import { assert, claims } from '../../support/suite.ts'
import { inWorld, type World, type WorldOptions } from '../../support/worlds/gateway-world.ts'
import { basic, openPair, postForm } from '../../support/worlds/service-desk.ts'
import { json, type RawAnswer, rawRequest } from '../raw-request.ts'

const env = {
  CURFEW_SERVICE_CLIENTS: [
    'desk:a-long-enough-secret:introspect+revoke',
    'curfew:another-long-secret',
    'other:a-third-long-secret',
  ].join(),
}
const desk = basic('desk:a-long-enough-secret')
/** The client that this gateway's sessions belong to. */
const owner = basic('curfew:another-long-secret')
const stranger = basic('other:a-third-long-secret')

const revoke = (
  world: World,
  fields: Record<string, string>,
  headers: Record<string, string> = desk,
): Promise<RawAnswer> => postForm(world, '/revoke', fields, headers)

const meStatus = async (world: World, access: string): Promise<number> => {
  const headers = { authorization: `Bearer ${access}` }
  return (await world.send('/me', newJar(), { method: 'GET', headers })).status
}
const refreshStatus = async (world: World, refresh: string): Promise<number> =>
  (await world.send('/api/token/refresh/', newJar(), { json: { refresh } })).status

claims('RFC 7009 revocation', {
  'an access token ends itself, and its session with `end=session`': () =>
    inWorld({ env }, async (world) => {
      const alone = await openPair(world)
      const answer = await revoke(world, { token: alone.access, token_type_hint: 'access_token' })
      assert.equal([answer.status, answer.text], [200, ''])
      assert.is(answer.headers['revocation-status'], 'acknowledged')
      assert.ok(answer.headers['revocation-position'])
      assert.is(await meStatus(world, alone.access), 401)
      assert.is(await refreshStatus(world, alone.refresh), 200)
      const whole = await openPair(world)
      assert.is((await revoke(world, { token: whole.access, end: 'session' })).status, 200)
      assert.is(await refreshStatus(world, whole.refresh), 401)
    }),

  'a refresh token ends its session, its access tokens with it, whatever the hint': () =>
    inWorld({ env }, async (world) => {
      for (const hint of ['refresh_token', 'access_token', 'unknown']) {
        const { access, refresh } = await openPair(world)
        const answer = await revoke(world, { token: refresh, token_type_hint: hint })
        assert.is(answer.status, 200)
        assert.is(await meStatus(world, access), 401)
        assert.is(await refreshStatus(world, refresh), 401)
      }
    }),

  'unknown, expired and dead tokens are 200: there is nothing left to end': async () => {
    const clock = fakeClock()
    const short = { CURFEW_ACCESS_TOKEN_LIFETIME: '20s', CURFEW_REFRESH_TOKEN_LIFETIME: '30s' }
    await inWorld({ env: { ...env, ...short }, clock }, async (world) => {
      const { access, refresh } = await openPair(world)
      for (const token of ['abc', 'a.b.c', `${access}x`]) {
        const answer = await revoke(world, { token })
        assert.equal([answer.status, answer.headers['revocation-position']], [200, undefined])
      }
      assert.is(await meStatus(world, access), 200)
      assert.is((await revoke(world, { token: refresh })).status, 200)
      assert.is((await revoke(world, { token: refresh })).status, 200)
      assert.is((await revoke(world, { token: access })).status, 200)
      await clock.advance(31_000)
      const expired = await revoke(world, { token: refresh })
      assert.equal([expired.status, expired.headers['revocation-position']], [200, undefined])
    })
  },

  'a client without the permission ends what was issued to it, and nothing else': () =>
    inWorld({ env }, async (world) => {
      const { access } = await openPair(world)
      const refused = await revoke(world, { token: access }, stranger)
      assert.equal([refused.status, refused.body], [400, { error: 'invalid_grant' }])
      assert.is(await meStatus(world, access), 200)
      assert.is((await revoke(world, { token: access }, owner)).status, 200)
      assert.is(await meStatus(world, access), 401)
    }),

  'bad requests are worded as OAuth does': () =>
    inWorld({ env }, async (world) => {
      const { access: token } = await openPair(world)
      const nobody = await revoke(world, { token }, {})
      assert.equal([nobody.status, nobody.body], [401, { error: 'invalid_client' }])
      assert.match(String(nobody.headers['www-authenticate']), /^Basic realm=/)
      for (const fields of [{}, { token: '' }, { token, end: 'everything' }]) {
        const bad = await revoke(world, fields)
        assert.equal([bad.status, bad.body['error']], [400, 'invalid_request'])
      }
      const headers = { ...json, ...desk }
      const body = JSON.stringify({ token })
      const typed = await rawRequest(`${world.url}/revoke`, { headers, body })
      assert.equal([typed.status, typed.body['error']], [415, 'invalid_request'])
      assert.is(await meStatus(world, token), 200)
    }),

  'what could not be stored is 503 with Retry-After, and the token lives on': () => {
    let isDown = false
    const wrap: WorldOptions['wrap'] = (ports) => ({
      ...ports,
      store: replacing<EventStore>(ports.store, {
        append: async (commit) => {
          if (isDown) throw new AuthError('STORE_UNAVAILABLE', 'down')
          return ports.store.append(commit)
        },
      }),
    })
    return inWorld({ env, wrap }, async (world) => {
      const { access, refresh } = await openPair(world)
      isDown = true
      for (const token of [access, refresh]) {
        const answer = await revoke(world, { token })
        assert.equal([answer.status, answer.body['error']], [503, 'temporarily_unavailable'])
        assert.is(answer.headers['retry-after'], '1')
        assert.is(answer.headers['revocation-status'], undefined)
      }
      isDown = false
      assert.is(await meStatus(world, access), 200)
    })
  },
})
