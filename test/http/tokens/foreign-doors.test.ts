import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { assert, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'
import { basic } from '../../support/worlds/feed-world.ts'
import {
  allSay,
  forwardAuth,
  guardOn,
  inTrust,
  introspect,
  me,
  messageOf,
  revoke,
  revokeForm,
  saidAtDoors,
} from '../../support/worlds/foreign-world.ts'
import { verdictOf } from '../../support/worlds/guarded.ts'
import { otherToken } from '../../support/worlds/other-issuer.ts'

claims('tokens of another issuer', {
  'end when POST /revocations or /revoke names them, at every door; a sister lives on': () =>
    inTrust(async (world, server) => {
      const guard = await guardOn(world, server.url)
      const ways: ((token: string) => Promise<{ status: number }>)[] = [
        (token) => revoke(world, { scope: 'token', id: token }),
        async (token) =>
          revoke(world, { scope: 'token', id: (await introspect(world, token))['jti'] }),
        (token) => revokeForm(world, { token }),
        (token) => revokeForm(world, { token, end: 'session', token_type_hint: 'access_token' }),
      ]
      for (const [index, end] of ways.entries()) {
        const over = index % 2 === 0 ? { jti: `way ${index}` } : { jti: undefined, nonce: index }
        const token = otherToken(clock.now(), over)
        const sister = otherToken(clock.now(), { ...over, jti: 'another', nonce: 'b' })
        assert.equal(await saidAtDoors(world, guard, token), allSay(true))
        assert.is((await end(token)).status, 200)
        await until('the guard refuses', async () => {
          return (await verdictOf(guard, token)) === 'refused: revoked'
        })
        assert.equal(await saidAtDoors(world, guard, token), allSay(false))
        assert.is(messageOf(await me(world, token)), 'Token is blacklisted')
        assert.equal(await saidAtDoors(world, guard, sister), allSay(true))
      }
      await guard.close()
    }),

  'are ended at /revoke by clients with the permission alone, and remembered until their exp': () =>
    inTrust(async (world) => {
      const token = otherToken(clock.now())
      const stranger = basic('reader', 'a-secret-of-a-reader')
      const refused = await revokeForm(world, { token }, { authorization: stranger })
      assert.equal([refused.status, refused.body], [400, { error: 'invalid_grant' }])
      assert.is((await forwardAuth(world, token)).status, 200)
      const { jti, exp } = await introspect(world, token)
      const answer = await revokeForm(world, { token })
      assert.equal([answer.status, answer.headers['revocation-status']], [200, 'acknowledged'])
      const [commit] = await world.state.store.heads([`j/${String(jti)}`])
      const [ended] = commit?.events ?? []
      assert.is(
        ended?.type === 'TokenRevoked' && ended.data.expiresAt,
        Number(exp) * 1000 + 300_000,
      )
      for (const bad of [otherToken(clock.now(), { aud: 'bank' }), `${token}x`]) {
        const { status, headers } = await revokeForm(world, { token: bad })
        assert.equal([status, headers['revocation-status']], [200, undefined])
      }
    }),
})
