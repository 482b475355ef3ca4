import { EventEmitter } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Caller } from '../../../../shared/guard/api/caller.ts'
import { CallerEnded } from '../../../../shared/guard/api/caller-ended.ts'
import { requestJudge } from '../../../../shared/guard/middleware/request-judge.ts'
import { callerWithSignal } from '../../../../shared/guard/open-connections/caller-signal.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard } from '../../../support/worlds/guarded.ts'
import { accepted, watched } from '../../../support/worlds/open-world.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What was dropped is gone after a collection, in a turn of its own. */
const collected = async (isGone: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 20 && !isGone(); turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    collect()
  }
  assert.is(isGone(), true)
}

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
    const late = callerWithSignal(
      { claims, fresh },
      { guard, connection: undefined, onStale: undefined },
    )
    feed.revoke(`sid:${claims.sid}`)
    assert.is(late.signal.aborted, true, 'at its first use, of one that ended already')
  },

  'waits only from its first use to the end of the connection, with all that waits for it':
    async () => {
      const { guard, feed } = await freshGuard()
      const verdict = await accepted(guard)
      const connection = Object.assign(new EventEmitter(), { destroyed: false })
      const caller = callerWithSignal(verdict, { guard, connection, onStale: undefined })
      assert.is(JSON.stringify(caller), JSON.stringify({ claims: verdict.claims, fresh: true }))
      // Another member of its own would be a shape of its own in V8's memory, for each request.
      assert.equal(Reflect.ownKeys(caller), ['claims', 'fresh'])
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

  'of what only looks like a caller: the end is told by its claims': async () => {
    const { guard, feed } = await freshGuard()
    const verdict = await accepted(guard)
    const caller = callerWithSignal(verdict, { guard, connection: undefined, onStale: undefined })
    const prototype: object = Object.getPrototypeOf(caller)
    const likes = [
      new Proxy(caller, {}),
      Object.create(caller) as Caller,
      Object.assign(Object.create(prototype) as Caller, { ...caller }),
      { ...caller },
    ]
    const watching = likes.map((like) => watched(guard, like))
    feed.revoke(`sid:${verdict.claims.sid}`)
    for (const { told } of watching) assert.equal(told, ['session'])
  },

  'holds nothing of a caller that stopped, ended or whose connection closed': async () => {
    const { guard, feed, clock } = await freshGuard()
    const connection = Object.assign(new EventEmitter(), { destroyed: false })
    const refs: WeakRef<object>[] = []
    // In a function of its own: a local variable would hold what it names.
    const open = async (end: (caller: Caller, stop: () => void) => void): Promise<void> => {
      const { claims: claimed } = await accepted(guard)
      const caller = callerWithSignal(
        // Of a copy, since the guard keeps the claims of tokens that it verified.
        { claims: { ...claimed }, fresh: true },
        { guard, connection, onStale: undefined },
      )
      refs.push(new WeakRef(caller.claims))
      const stop = guard.onEnded(caller, () => [caller])
      end(caller, stop)
    }
    await open((_caller, stop) => stop())
    await open(({ claims: { sid } }) => feed.revoke(`sid:${sid}`))
    await open(({ signal }) => signal.aborted)
    connection.emit('close')
    // The engine may hold the last of them a while longer.
    await open((_caller, stop) => stop())
    refs.pop()
    await clock.advance(0)
    await collected(() => refs.every((ref) => ref.deref() === undefined))
  },

  'takes the policy of its route': async () => {
    const { guard, clock } = await freshGuard({ onStale: 'deny' })
    const verdict = await accepted(guard)
    const of = (onStale: 'allow' | undefined) =>
      callerWithSignal(verdict, { guard, connection: undefined, onStale }).signal
    const [allowed, denied] = [of('allow'), of(undefined)]
    await clock.advance(10_000)
    assert.equal([allowed.aborted, denied.aborted], [false, true])
  },

  'is refused by a stand-in that cannot tell': () => {
    const parts = { guard: {}, connection: undefined, onStale: undefined }
    const caller = callerWithSignal({ claims: accessClaims(), fresh: true }, parts)
    assert.throws(() => caller.signal, TypeError)
  },
})
