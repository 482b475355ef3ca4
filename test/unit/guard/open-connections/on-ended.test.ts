import type { RevocationKey } from '../../../../shared/kernel/ids.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { accessClaims, accessRing, instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard } from '../../../support/worlds/guarded.ts'
import { accepted, watched } from '../../../support/worlds/open-world.ts'

claims('guard.onEnded', {
  'tells what ended, once, and to those alone who ended': async () => {
    const { guard, feed } = await freshGuard()
    const ways: [by: string, (of: ReturnType<typeof accessClaims>) => [RevocationKey, number?]][] =
      [
        ['token', ({ jti }) => [`jti:${jti}`]],
        ['session', ({ sid }) => [`sid:${sid}`]],
        ['subject', ({ sub }) => [`sub:${sub}`, 4]],
        ['client', ({ client_id: client }) => [`client:${client}`, 7]],
        ['all', () => ['all', 9]],
      ]
    for (const [index, [by, keyOf]] of ways.entries()) {
      const client = `web-${index}`
      const caller = await accepted(guard, {
        client_id: client,
        epoch: { sub: 3, client: 6, all: 8 },
      })
      const other = await accepted(guard, { epoch: { sub: 3, client: 6, all: 9 } })
      const [one, second, stranger] = [caller, caller, other].map((of) => watched(guard, of))
      const [key, cutoff = null] = keyOf(caller.claims as ReturnType<typeof accessClaims>)
      if (cutoff !== null) feed.revoke(key, cutoff - 1)
      assert.equal(one?.told, [], 'a cutoff ends those alone that began before it')
      feed.revoke(key, cutoff)
      feed.revoke(key, cutoff)
      assert.equal([one?.told, second?.told, stranger?.told], [[by], [by], []], by)
      stranger?.stop()
    }
    assert.is(guard.metrics().openCallers, 0)
  },

  'tells at `exp`, with the leeway, by the instant at which tokens are judged': async () => {
    for (const leewayMs of [0, 1_500]) {
      const { guard, clock, feed } = await freshGuard({ leewayMs, onStale: 'allow' })
      const long = watched(guard, await accepted(guard, { exp: instant / 1_000 + 40 * 86_400 }))
      const { told } = watched(guard, await accepted(guard))
      await clock.advance(900_000 + leewayMs - 1)
      assert.equal(told, [])
      await clock.advance(1)
      assert.equal(told, ['expired'])
      const next = watched(guard, await accepted(guard, { exp: instant / 1_000 + 960 }))
      feed.closeTime(instant + 960_000 + leewayMs)
      assert.equal([next.told, long.told], [['expired'], []], 'what the store closed is past')
      await clock.leap(40 * 86_400_000)
      assert.equal(long.told, ['expired'])
      assert.is(clock.sleeping(), 0)
    }
  },

  'tells in time whoever came later and ends first': async () => {
    const { guard, clock } = await freshGuard({ onStale: 'allow' })
    await clock.advance(300)
    const long = watched(guard, await accepted(guard))
    await clock.advance(200)
    const short = watched(guard, await accepted(guard, { exp: instant / 1_000 + 1 }))
    await clock.advance(499)
    assert.equal(short.told, [])
    await clock.advance(1)
    assert.equal([short.told, long.told], [['expired'], []])
    long.stop()
  },

  'tells at once who ended already, and who comes after the guard was closed': async () => {
    const { guard, feed, clock } = await freshGuard({ onStale: 'allow' })
    const dead = await accepted(guard)
    const old = await accepted(guard, { exp: instant / 1_000 + 1 })
    const last = await accepted(guard)
    feed.revoke(`sid:${dead.claims.sid}`)
    assert.equal(watched(guard, dead).told, ['session'])
    clock.jump(1_000)
    assert.equal(watched(guard, old).told, ['expired'])
    const open = watched(guard, last)
    await guard.close()
    assert.equal([open.told, watched(guard, last).told], [['closed'], ['closed']])
  },

  'keeps nothing, and no timer, of whoever stopped waiting': async () => {
    const { guard, feed, clock } = await freshGuard()
    const callers = await Promise.all(Array.from({ length: 50 }, () => accepted(guard)))
    const open = callers.map((caller) => watched(guard, caller))
    assert.equal([guard.metrics().openCallers, clock.sleeping()], [50, 1])
    for (const { stop } of open) {
      stop()
      stop()
    }
    await clock.advance(0)
    assert.equal([guard.metrics().openCallers, clock.sleeping()], [0, 0])
    feed.revoke('all', 100)
    assert.equal(
      open.flatMap(({ told }) => told),
      [],
    )
  },

  'a callback that throws, or rejects, is an alarm and keeps nobody else from hearing':
    async () => {
      const { guard, feed, kinds, clock } = await freshGuard()
      const caller = await accepted(guard)
      guard.onEnded(caller, () => {
        throw new Error('a mistake of the service')
      })
      guard.onEnded(caller, async () => {
        throw new Error('a late one')
      })
      const after = watched(guard, caller)
      feed.revoke(`sid:${caller.claims.sid}`)
      await clock.advance(0)
      assert.equal(after.told, ['session'])
      assert.equal(kinds(), ['ended_callback_failed', 'ended_callback_failed'])
      assert.is((await guard.check(signAccess(accessRing, accessClaims()))).outcome, 'accepted')
    },

  'a callback may stop others, wait anew and close the guard': async () => {
    const { guard, feed } = await freshGuard()
    const caller = await accepted(guard)
    const told: string[] = []
    guard.onEnded(caller, () => {
      stop()
      guard.onEnded(caller, ({ by }) => told.push(`again: ${by}`))
      void guard.close()
    })
    const stop = guard.onEnded(caller, () => told.push('stopped'))
    const third = watched(guard, await accepted(guard))
    feed.revoke(`sid:${caller.claims.sid}`)
    assert.equal([told, third.told], [['again: session'], ['closed']])
  },

  'hears of ends while a new reading is under way, and of none twice': async () => {
    const { guard, feed, clock } = await freshGuard()
    const [before, during, after] = await Promise.all([0, 1, 2].map(() => accepted(guard)))
    if (!before || !during || !after) throw new Error('three were accepted')
    const open = [before, during, after].map((one) => watched(guard, one))
    const tolds = (): unknown => open.map(({ told }) => told)
    feed.revoke(`sid:${before.claims.sid}`)
    feed.reset()
    feed.revoke(`sid:${before.claims.sid}`)
    feed.revoke(`sid:${during.claims.sid}`)
    assert.equal(tolds(), [['session'], ['session'], []])
    assert.equal(watched(guard, before).told, ['session'], 'the former reading counts on')
    feed.caughtUp()
    feed.closeTime(clock.now() + 1_500, aLogId())
    feed.revoke(`sid:${after.claims.sid}`)
    assert.equal(tolds(), [['session'], ['session'], ['session']])
  },
})
