import type { Introspection } from '../../../../shared/guard/introspection/remote-introspection.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { firstLog } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing, instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, verdictOf } from '../../../support/worlds/guarded.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)
const exp = claimed.exp * 1_000
const forgottenAt = exp + 300_000
const hourMs = 3_600_000

/** Answers when the test says so. */
const heldIntrospection = () => {
  let answer: (given: Introspection) => void = () => {}
  const introspect = () =>
    new Promise<Introspection>((resolve) => {
      answer = resolve
    })
  return { introspect, answer: (active: boolean) => answer({ active }) }
}

// A machine that is suspended: wall time goes on, timers and the monotonic clock stand still.
claims('a check that slept', {
  'does not accept what ended meanwhile, though its revocation is forgotten': async () => {
    const { guard, feed, clock } = await freshGuard()
    const judging = guard.check(token, { minPosition: `${firstLog}:3` })
    await clock.advance(10)
    clock.jump(hourMs)
    feed.revoke(`sid:${claimed.sid}`, null, forgottenAt)
    feed.closeTime(clock.now())
    assert.is(guard.status().entries, 0)
    assert.equal(await judging, { outcome: 'refused', reason: 'expired' })
  },
  'does not accept it by an answer from before either': async () => {
    const { introspect, answer } = heldIntrospection()
    const { guard, feed, clock } = await freshGuard({ onStale: 'introspect', introspect })
    await clock.advance(60_000)
    const judging = guard.check(token)
    await clock.advance(10)
    clock.jump(2_000)
    // The store's clock alone went on; what it closed is past.
    feed.closeTime(instant + hourMs)
    answer(true)
    assert.equal(await judging, { outcome: 'refused', reason: 'expired' })
  },
  'takes no answer that is older than knowledge may be': async () => {
    for (const sleep of ['leap', 'jump'] as const) {
      const { introspect, answer } = heldIntrospection()
      const { guard, clock } = await freshGuard({ onStale: 'introspect', introspect })
      await clock.advance(60_000)
      const judging = guard.check(token)
      await clock.advance(10)
      await clock[sleep](5_000)
      answer(true)
      assert.equal(await judging, { outcome: 'unavailable', reason: 'introspection_failed' })
    }
  },
  'asks anew after a suspension, whatever was answered before': async () => {
    const answers = [true, false]
    const introspect = async () => ({ active: answers.shift() ?? false })
    const { guard, clock } = await freshGuard({ onStale: 'introspect', introspect })
    await clock.advance(60_000)
    assert.is(await verdictOf(guard, token), 'accepted')
    clock.jump(60_000)
    assert.is(await verdictOf(guard, token), 'refused: revoked')
  },
  'reaches no position of another log by a clock that is behind': async () => {
    const { guard, feed, clock } = await freshGuard({ onStale: 'allow' })
    clock.jump(-hourMs)
    const judging = guard.check(token, { minPosition: `${aLogId()}:7` })
    feed.closeTime(instant + 100)
    await clock.advance(2_000)
    assert.equal(await judging, { outcome: 'unavailable', reason: 'position_not_reached' })
  },
})
