import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { aRevocation, firstLog } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, type Guarded, verdictOf } from '../../../support/worlds/guarded.ts'

const gone = accessClaims()
const token = signAccess(accessRing, gone)
const good = signAccess(accessRing, accessClaims())
const secondLog = aLogId()
const maxClockErrorMs = 1_000
const maxStalenessMs = 5_000

/** A fresh guard that has refused a token; its feed then begins anew, from a server that lags. */
const switched = async (onStale: 'deny' | 'allow' = 'deny'): Promise<Guarded> => {
  const parts = await freshGuard({ onStale, maxClockErrorMs, maxStalenessMs })
  await parts.clock.advance(100)
  parts.feed.closeTime(parts.clock.now())
  parts.feed.revoke(`sid:${gone.sid}`)
  assert.is(await verdictOf(parts.guard, token), 'refused: revoked')
  parts.feed.reset()
  return parts
}
/** All that a server says that had closed time `agoMs` ago and reads nothing since. */
const tellLagging = ({ feed, clock }: Guarded, agoMs: number): void => {
  feed.closeTime(clock.now() - agoMs)
  feed.caughtUp()
}

claims('a guard whose feed begins anew at a server that lags', {
  'refuses what it refused, while it reads and when it has caught up with the server': async () => {
    const parts = await switched()
    assert.is(await verdictOf(parts.guard, token), 'refused: revoked')
    tellLagging(parts, 90)
    assert.is(await verdictOf(parts.guard, token), 'refused: revoked')
    assert.is(await verdictOf(parts.guard, good), 'accepted')
  },
  'refuses it under `allow` too, however stale it is': async () => {
    const parts = await switched('allow')
    tellLagging(parts, 90)
    await parts.clock.advance(60_000)
    assert.is(await verdictOf(parts.guard, token), 'refused: revoked')
    assert.is(await verdictOf(parts.guard, good), 'accepted!')
  },
  'refuses what was told after its closed time, until a later time than the telling is closed':
    async () => {
      const parts = await switched()
      const { guard, feed, clock } = parts
      const toldAt = clock.now()
      await clock.advance(50)
      // Later than the former closed time, and before the record: the server has not read it yet.
      feed.closeTime(toldAt + 40)
      feed.caughtUp()
      assert.is(guard.freshness().closedTime, toldAt + 40)
      assert.is(await verdictOf(guard, token), 'refused: revoked')
      await clock.advance(2_000)
      feed.closeTime(toldAt + maxClockErrorMs)
      assert.is(await verdictOf(guard, token), 'refused: revoked')
    },
  'shows the former closed time, which ages until the policy decides': async () => {
    const parts = await switched()
    const { guard, clock } = parts
    const closed = clock.now()
    tellLagging(parts, 90)
    assert.equal([guard.freshness().closedTime, guard.ready()], [closed, true])
    assert.is(guard.metrics().entries, 1)
    await clock.advance(maxStalenessMs - maxClockErrorMs)
    assert.is(guard.freshness().stalenessMs, maxStalenessMs)
    await clock.advance(1)
    assert.equal([guard.freshness().closedTime, guard.ready()], [closed, false])
    assert.is(await verdictOf(guard, good), 'unavailable: stale')
  },
  'is stale within its bound when the new reading never catches up': async () => {
    const { guard, feed, clock } = await switched()
    await clock.advance(maxStalenessMs)
    feed.closeTime(clock.now())
    assert.equal([guard.ready(), await verdictOf(guard, good)], [false, 'unavailable: stale'])
  },
  'keeps it over a second new beginning, and what the first one told': async () => {
    const parts = await switched()
    const other = accessClaims()
    parts.feed.revoke(`sid:${other.sid}`)
    parts.feed.reset()
    tellLagging(parts, 90)
    assert.is(await verdictOf(parts.guard, token), 'refused: revoked')
    assert.is(await verdictOf(parts.guard, signAccess(accessRing, other)), 'refused: revoked')
    assert.is(parts.guard.metrics().entries, 2)
  },
  'counts how late it learns what the new server told first': async () => {
    const parts = await switched()
    const revocation = { ...aRevocation(`sid:${accessClaims().sid}`), revokedAt: parts.clock.now() }
    parts.feed.tell({ kind: 'revocation', id: 's/x:1:0' as never, offset: -1, revocation })
    assert.is(parts.guard.metrics().refusalSeconds.count, 2)
  },
})

claims('a guard that keeps what it knew', {
  'gives it up when the new reading has passed all that was told: nothing is kept for ever':
    async () => {
      const { guard, feed, clock } = await switched()
      feed.closeTime(clock.now())
      feed.caughtUp()
      await clock.advance(maxClockErrorMs + 1)
      assert.is(guard.metrics().entries, 1)
      feed.closeTime(clock.now())
      assert.is(guard.metrics().entries, 0)
      assert.is(await verdictOf(guard, token), 'accepted')
    },
  'gives it up under a log that was made again, and not before its first late closed time':
    async () => {
      const { guard, feed, clock } = await freshGuard()
      feed.revoke(`sid:${gone.sid}`)
      feed.closeTime(clock.now() + 1, secondLog)
      await clock.advance(1)
      assert.is(feed.openings(), 2)
      assert.equal([guard.ready(), guard.freshness().logId], [true, firstLog])
      await clock.advance(maxClockErrorMs)
      feed.caughtUp()
      assert.is(await verdictOf(guard, token), 'refused: revoked')
      feed.closeTime(clock.now() + 1, secondLog)
      assert.equal([guard.freshness().logId, guard.status().entries], [secondLog, 0])
      assert.is(await verdictOf(guard, token), 'accepted')
    },
  'gives it up, and is fresh, where the former closed time had run ahead of every clock':
    async () => {
      const { guard, feed, clock } = await freshGuard()
      feed.closeTime(clock.now() + 86_400_000)
      assert.is(guard.ready(), false)
      feed.reset()
      await clock.advance(maxClockErrorMs + 1)
      feed.closeTime(clock.now(), secondLog)
      feed.caughtUp()
      assert.equal([guard.ready(), guard.freshness().logId], [true, secondLog])
    },
  'forgets meanwhile what expires': async () => {
    const { guard, feed, clock } = await freshGuard()
    feed.revoke(`sid:${gone.sid}`, null, clock.now())
    feed.reset()
    await clock.advance(120_000)
    feed.closeTime(clock.now() - 60_000)
    assert.is(guard.metrics().entries, 0)
  },
})
