import type { Introspect } from '../../../../shared/guard/introspection/remote-introspection.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard } from '../../../support/worlds/guarded.ts'
import { accepted, watched } from '../../../support/worlds/open-world.ts'

const answering = (
  active: () => boolean,
): Readonly<{ introspect: Introspect; asked: string[] }> => {
  const asked: string[] = []
  return {
    asked,
    introspect: async (_token, { jti }) => {
      asked.push(jti)
      return { active: active() }
    },
  }
}

claims('open callers of a guard that turns stale', {
  'under `deny` they end with the bound; under `allow` they go on; each route as it says':
    async () => {
      const { guard, clock, feed } = await freshGuard({ onStale: 'deny' })
      const caller = await accepted(guard)
      const denied = watched(guard, caller)
      const allowed = watched(guard, caller, { onStale: 'allow' })
      await clock.advance(3_000)
      feed.closeTime(clock.now())
      await clock.advance(3_999)
      assert.equal(denied.told, [])
      await clock.advance(2)
      assert.equal([denied.told, allowed.told], [['stale'], []])
      feed.revoke(`sid:${caller.claims.sid}`)
      assert.equal(allowed.told, ['session'])
    },

  'a process that slept reads what it was told before it ends anybody': async () => {
    const { guard, clock, feed } = await freshGuard({ onStale: 'deny' })
    const { told, stop } = watched(guard, await accepted(guard))
    await clock.leap(20_000)
    feed.closeTime(clock.now())
    await clock.advance(1_000)
    assert.equal(told, [])
    await clock.leap(20_000)
    await clock.advance(1_000)
    assert.equal(told, ['stale'])
    stop()
  },

  'under `introspect` the gateway is asked, once a token; what it calls inactive ends':
    async () => {
      let active = true
      const { introspect, asked } = answering(() => active)
      const { guard, clock } = await freshGuard({ onStale: 'introspect', introspect })
      const [one, other] = [await accepted(guard), await accepted(guard)]
      const open = [one, one, other].map((caller) => watched(guard, caller))
      const tolds = (): unknown => open.map(({ told }) => told)
      await clock.advance(30_000)
      assert.equal(tolds(), [[], [], []])
      const questions = asked.length
      assert.ok(questions >= 10 && questions <= 60, `${questions} questions in 26 s`)
      active = false
      await clock.advance(5_000)
      assert.equal(tolds(), [['inactive'], ['inactive'], ['inactive']])
      assert.is(clock.sleeping(), 0)
    },

  'where nobody answers they go on for another bound, and end': async () => {
    let isDown = true
    const introspect: Introspect = async () => {
      if (isDown) throw new Error('the gateway is down')
      return { active: true }
    }
    const { guard, clock, feed, kinds } = await freshGuard({ onStale: 'introspect', introspect })
    const first = watched(guard, await accepted(guard))
    const second = watched(guard, await accepted(guard))
    await clock.advance(8_000)
    isDown = false
    await clock.advance(4_000)
    assert.equal([first.told, second.told], [[], []], 'it came back in time')
    isDown = true
    const before = kinds().length
    await clock.advance(5_300)
    assert.equal([first.told, second.told], [['stale'], ['stale']])
    const alarms = kinds().length - before
    assert.ok(alarms > 0 && alarms <= 6, `${alarms} alarms: one a second, however many are open`)
    feed.closeTime(clock.now())
    const fresh = watched(guard, await accepted(guard))
    await clock.advance(3_000)
    assert.equal(fresh.told, [])
    fresh.stop()
  },

  'a caller whose token the guard never saw ends where the gateway would have to be asked':
    async () => {
      const { introspect } = answering(() => true)
      const { guard, clock } = await freshGuard({ onStale: 'introspect', introspect })
      const caller = await accepted(guard)
      const copied = watched(guard, { claims: { ...caller.claims } })
      const own = watched(guard, caller)
      await clock.advance(5_000)
      assert.equal([copied.told, own.told], [['stale'], []])
      own.stop()
    },
})
