import type { OnStale } from '../../../shared/guard/api/verdict.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { aRevocation } from '../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing, instant } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import { freshGuard } from '../../support/worlds/guarded.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)

/** What a stale guard says under each policy of a route. */
const staleVerdicts = async (over: Parameters<typeof freshGuard>[0]): Promise<string[]> => {
  const { guard, clock } = await freshGuard(over)
  await clock.advance(60_000)
  const policies: (OnStale | undefined)[] = [undefined, 'introspect', 'deny', 'allow']
  const verdicts = policies.map(async (onStale) => {
    const verdict = await guard.check(token, { onStale })
    if (verdict.outcome !== 'accepted') return verdict.reason
    return verdict.fresh ? 'accepted' : 'accepted!'
  })
  return Promise.all(verdicts)
}

claims('the policy of a route', {
  'comes before the guard’s own': async () => {
    const introspect = async () => ({ active: true })
    const denying = await staleVerdicts({ onStale: 'deny', introspect })
    assert.equal(denying, ['stale', 'accepted', 'stale', 'accepted!'])
    const allowing = await staleVerdicts({ onStale: 'allow', introspect })
    assert.equal(allowing, ['accepted!', 'accepted', 'stale', 'accepted!'])
  },
  'introspect with nobody to ask accepts nothing, and alarms': async () => {
    const { guard, clock, kinds } = await freshGuard({ onStale: 'deny' })
    await clock.advance(60_000)
    const verdict = await guard.check(token, { onStale: 'introspect' })
    assert.equal(verdict, { outcome: 'unavailable', reason: 'introspection_failed' })
    assert.equal(kinds(), ['introspection_failed'])
  },
  'says nothing while the guard is fresh': async () => {
    const { guard, feed } = await freshGuard({ onStale: 'deny' })
    assert.is((await guard.check(token, { onStale: 'allow' })).outcome, 'accepted')
    feed.revoke(`sid:${claimed.sid}`)
    assert.is((await guard.check(token, { onStale: 'allow' })).outcome, 'refused')
  },
})

claims('what a guard says of itself', {
  'freshness has the closed time, its bound, and when nothing bounds it': async () => {
    const { guard, feed, clock } = await freshGuard()
    await clock.advance(500)
    const { closedTime, stalenessMs, fresh, caughtUp } = guard.freshness()
    assert.equal([closedTime, stalenessMs, fresh, caughtUp], [instant, 1_500, true, true])
    await clock.advance(3_501)
    assert.is(guard.freshness().fresh, false)
    feed.closeTime(clock.now() + 2_000)
    assert.is(guard.freshness().stalenessMs, null)
    const before = guard.freshness()
    feed.reset()
    assert.equal(guard.freshness(), before)
  },
  'each verdict is counted': async () => {
    const { guard, feed, clock } = await freshGuard()
    await guard.check(token)
    await guard.check('a.b.c')
    await guard.check(token, { minPosition: 'x' })
    await clock.advance(60_000)
    await guard.check(token)
    await guard.check(token, { onStale: 'allow' })
    feed.revoke(`sid:${claimed.sid}`)
    await guard.check(token)
    const counted = Object.entries(guard.metrics().checks).filter(([, count]) => count > 0)
    assert.equal(Object.fromEntries(counted), {
      accepted: 1,
      accepted_stale: 1,
      invalid: 1,
      revoked: 1,
      stale: 1,
      position_malformed: 1,
    })
    const { tokens, entries, revocationBytes } = guard.metrics()
    assert.equal([tokens.hits, tokens.misses, tokens.entries, entries], [3, 2, 1, 1])
    assert.ok(revocationBytes > 0)
  },
  'seconds from revocation to refusal: of news only, and not of history': async () => {
    const { guard, feed, clock } = await freshGuard()
    const tell = (sid: string, ageMs: number): void => {
      const revokedAt = (clock.now() - ageMs) as typeof instant
      const revocation = { ...aRevocation(`sid:${sid}`), revokedAt }
      feed.tell({ kind: 'revocation', id: `s/${sid}:1:0` as EventId, offset: 5, revocation })
    }
    tell('a', 3)
    tell('b', 40)
    tell('b', 4_000)
    tell('c', -200)
    tell('d', 100_000)
    const { buckets, sum, count } = guard.metrics().refusalSeconds
    const below = (bound: number) => buckets.find(({ le }) => le === bound)?.count
    assert.equal([below(0.005), below(0.05), below(60), count], [2, 3, 3, 4])
    assert.ok(Math.abs(sum - 100.043) < 1e-9)
    feed.reset()
    tell('d', 5)
    assert.is(guard.metrics().refusalSeconds.count, 4)
  },
})
