import { EventEmitter } from 'node:events'
import { openCaller } from '../../../shared/guard/caller.ts'
import { CallerEnded } from '../../../shared/guard/caller-ended.ts'
import { requestJudge } from '../../../shared/guard/judge-request.ts'
import { signAccess } from '../../../shared/tokens/sign.ts'
import { freshGuard } from '../../support/guarded.ts'
import { accepted, watched } from '../../support/open-world.ts'
import { accessClaims, accessRing } from '../../support/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'

claims('the signal of a caller', {
  'aborts with the reason, and is one signal whoever asks for it': async () => {
    const { guard, feed } = await freshGuard()
    const { judge } = requestJudge(guard)
    const claimed = accessClaims()
    const judged = await judge((name) =>
      name === 'Authorization' ? `Bearer ${signAccess(accessRing, claimed)}` : undefined,
    )
    if (judged.outcome !== 'passed') throw new Error('it was let in')
    const { signal } = judged.caller
    assert.is(signal, judged.caller.signal)
    assert.is(signal.aborted, false)
    feed.revoke(`sub:${claimed.sub}`, 4)
    assert.is(signal.aborted, true)
    const reason = signal.reason as CallerEnded
    assert.ok(reason instanceof CallerEnded)
    assert.equal([reason.by, reason.code], ['subject', 'TOKEN_REVOKED'])
    const { outcome, claims, fresh } = await guard
      .check(signAccess(accessRing, accessClaims()))
      .then((verdict) => ({ claims: null, fresh: null, ...verdict }))
    assert.is(outcome, 'accepted')
    if (claims === null || fresh === null) return
    const late = openCaller({ claims, fresh }, { guard, connection: undefined, onStale: undefined })
    feed.revoke(`sid:${claims.sid}`)
    assert.is(late.signal.aborted, true, 'at its first use, of one that ended already')
  },

  'waits only from its first use to the end of the connection, with all that waits for it':
    async () => {
      const { guard, feed } = await freshGuard()
      const verdict = await accepted(guard)
      const connection = Object.assign(new EventEmitter(), { destroyed: false })
      const caller = openCaller(verdict, { guard, connection, onStale: undefined })
      assert.is(JSON.stringify(caller), JSON.stringify({ claims: verdict.claims, fresh: true }))
      assert.equal(Object.keys(caller), ['claims', 'fresh'])
      assert.is(guard.metrics().openCallers, 0)
      const { signal } = caller
      const others = Array.from({ length: 30 }, () => watched(guard, caller))
      for (const { stop } of others.slice(0, 10)) stop()
      assert.equal([guard.metrics().openCallers, connection.listenerCount('close')], [21, 1])
      const outlives = watched(guard, { claims: caller.claims })
      connection.destroyed = true
      connection.emit('close')
      assert.is(guard.metrics().openCallers, 1)
      const late = watched(guard, caller)
      feed.revoke(`sid:${caller.claims.sid}`)
      assert.is(signal.aborted, false, 'the connection had ended first')
      assert.equal([late.told, outlives.told], [[], ['session']])
    },

  'takes the policy of its route': async () => {
    const { guard, clock } = await freshGuard({ onStale: 'deny' })
    const verdict = await accepted(guard)
    const of = (onStale: 'allow' | undefined) =>
      openCaller(verdict, { guard, connection: undefined, onStale }).signal
    const [allowed, denied] = [of('allow'), of(undefined)]
    await clock.advance(10_000)
    assert.equal([allowed.aborted, denied.aborted], [false, true])
  },

  'is refused by a stand-in that cannot tell': () => {
    const parts = { guard: {}, connection: undefined, onStale: undefined }
    const caller = openCaller({ claims: accessClaims(), fresh: true }, parts)
    assert.throws(() => caller.signal, TypeError)
  },
})
