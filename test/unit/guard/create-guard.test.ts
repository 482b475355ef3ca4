import { createGuard } from '../../../shared/guard/create-guard.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import type { RevocationKey } from '../../../shared/kernel/ids.ts'
import { signAccess, signRefresh } from '../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../support/fakes/builders.ts'
import { fakeClock } from '../../support/fakes/fake-clock.ts'
import { fakeFeed } from '../../support/fakes/fake-feed.ts'
import {
  accessClaims,
  accessRing,
  audience,
  instant,
  issuer,
  refreshClaims,
  refreshRing,
} from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import { freshGuard, guarded, verdictOf } from '../../support/worlds/guarded.ts'

const claimed = accessClaims({ epoch: { sub: 3, client: -1, all: 0 } })
const token = signAccess(accessRing, claimed)
const expectation = async (key: RevocationKey, cutoff: number | null, expected: string) => {
  const { guard, feed } = await freshGuard()
  feed.revoke(key, cutoff)
  assert.is(await verdictOf(guard, token), expected, key)
}

claims('guard', {
  'a good token is accepted with its claims once the log was read': async () => {
    const { guard, feed, clock } = await guarded()
    assert.is(guard.ready(), false)
    assert.is(await verdictOf(guard, token), 'unavailable: not_ready')
    feed.closeTime(clock.now())
    assert.is(await verdictOf(guard, token), 'unavailable: not_ready')
    feed.caughtUp()
    assert.is(guard.ready(), true)
    assert.equal(await guard.check(token), { outcome: 'accepted', claims: claimed, fresh: true })
  },
  'what is no text is refused, as services in JavaScript may pass it on': async () => {
    const { guard } = await freshGuard()
    for (const given of [undefined, null, 5, true, {}, [token], Symbol('token'), () => token]) {
      assert.is(await verdictOf(guard, given as unknown as string), 'refused: invalid')
    }
  },
  'tokens are refused for what is wrong with them': async () => {
    const { guard, clock, feed } = await freshGuard()
    assert.is(await verdictOf(guard, 'abc'), 'refused: invalid')
    assert.is(await verdictOf(guard, `${token.slice(0, -1)}~`), 'refused: invalid')
    const refresh = signRefresh(refreshRing, refreshClaims())
    assert.is(await verdictOf(guard, refresh), 'refused: wrong_type')
    const foreign = signAccess(accessRing, accessClaims({ aud: 'https://pay.example' }))
    assert.is(await verdictOf(guard, foreign), 'refused: invalid')
    await clock.advance(900_000)
    feed.closeTime(clock.now())
    assert.is(await verdictOf(guard, token), 'refused: expired')
  },
  // asvs: 7.4.1
  'a revoked token, session, subject, client and everyone are refused': async () => {
    await expectation(`jti:${claimed.jti}`, null, 'refused: revoked')
    await expectation(`sid:${claimed.sid}`, null, 'refused: revoked')
    await expectation(`sub:${claimed.sub}`, 4, 'refused: revoked')
    await expectation('client:web', 0, 'refused: revoked')
    await expectation('all', 1, 'refused: revoked')
  },
  'a session that began at the cutoff lives on': async () => {
    await expectation(`sub:${claimed.sub}`, 3, 'accepted')
    await expectation('all', 0, 'accepted')
    await expectation('client:mobile', 7, 'accepted')
  },
  'what is known to be revoked is refused before the guard is ready, and when it is stale':
    async () => {
      const { guard, feed, clock } = await guarded()
      feed.revoke(`sid:${claimed.sid}`)
      assert.is(await verdictOf(guard, token), 'refused: revoked')
      feed.caughtUp()
      await clock.advance(60_000)
      assert.is(await verdictOf(guard, token), 'refused: revoked')
    },
  // asvs: 16.5.3
  'a guard is stale one millisecond after its bound': async () => {
    const { guard, clock } = await freshGuard({ maxStalenessMs: 5_000, maxClockErrorMs: 1_000 })
    await clock.advance(4_000)
    assert.is(guard.status().stalenessMs, 5_000)
    assert.is(await verdictOf(guard, token), 'accepted')
    await clock.advance(1)
    assert.is(guard.ready(), false)
    assert.is(await verdictOf(guard, token), 'unavailable: stale')
  },
  'a clock that jumps back makes nothing fresh': async () => {
    const { guard, clock } = await freshGuard()
    await clock.advance(5_001)
    clock.jump(-2_000)
    assert.is(await verdictOf(guard, token), 'unavailable: stale')
  },
  'a clock that jumps ahead and back forgets no revocation': async () => {
    const { guard, feed, clock } = await freshGuard()
    feed.revoke(`sid:${claimed.sid}`, null, instant + 1_000_000)
    clock.jump(10_000_000)
    feed.closeTime(instant + 250)
    clock.jump(-10_000_000)
    assert.is(await verdictOf(guard, token), 'refused: revoked')
  },
  'a closed time ahead of the clock alarms once and counts as stale': async () => {
    const { guard, feed, clock, kinds } = await freshGuard()
    feed.closeTime(clock.now() + 1_000)
    assert.is(await verdictOf(guard, token), 'accepted')
    feed.closeTime(clock.now() + 1_001)
    feed.closeTime(clock.now() + 1_002)
    assert.is(await verdictOf(guard, token), 'unavailable: stale')
    assert.equal(kinds(), ['closed_time_ahead'])
    await clock.advance(2)
    assert.is(await verdictOf(guard, token), 'accepted')
  },
  'tokens are judged at the closed time when the clock is behind it': async () => {
    const { guard, feed } = await freshGuard()
    const short = signAccess(accessRing, accessClaims({ exp: instant / 1000 + 1 }))
    assert.is(await verdictOf(guard, short), 'accepted')
    feed.closeTime(instant + 1_000)
    assert.is(await verdictOf(guard, short), 'refused: expired')
  },
  'allow accepts on old knowledge and says so, but not on none': async () => {
    const { guard, feed, clock } = await guarded({ onStale: 'allow' })
    assert.is(await verdictOf(guard, token), 'unavailable: not_ready')
    feed.closeTime(clock.now())
    feed.caughtUp()
    await clock.advance(60_000)
    assert.is(await verdictOf(guard, token), 'accepted!')
  },
  'a forged record changes nothing but raises an alarm': async () => {
    const { guard, feed, kinds } = await freshGuard()
    feed.tell({ kind: 'forged', offset: 9 })
    assert.is(await verdictOf(guard, token), 'accepted')
    assert.equal(kinds(), ['forged_record'])
  },
  'after an unreadable record the guard grows stale, whatever closed times come': async () => {
    const { guard, feed, clock, kinds } = await freshGuard()
    feed.tell({ kind: 'unreadable', offset: 9 })
    await clock.advance(4_001)
    feed.closeTime(clock.now())
    assert.is(await verdictOf(guard, token), 'unavailable: stale')
    assert.is(guard.status().blockedAt, 9)
    feed.revoke(`sid:${claimed.sid}`)
    assert.is(await verdictOf(guard, token), 'refused: revoked')
    assert.equal(kinds(), ['unreadable_record'])
  },
  'a guard that was never ready is not made so by a reset': async () => {
    const { guard, feed, clock, kinds } = await guarded()
    feed.revoke(`sid:${claimed.sid}`)
    feed.closeTime(clock.now())
    feed.reset()
    assert.equal([guard.ready(), guard.freshness().stalenessMs], [false, null])
    assert.is(await verdictOf(guard, token), 'refused: revoked')
    feed.closeTime(clock.now())
    feed.caughtUp()
    assert.is(guard.ready(), true)
    assert.equal(kinds(), ['feed_reset'])
  },
})

const logB = aLogId()

claims('a guard whose log is another one', {
  'reads from the start, shows its old knowledge as that, and is ready under the new id':
    async () => {
      const { guard, feed, clock, kinds } = await freshGuard()
      feed.revoke(`sid:${claimed.sid}`)
      const before = guard.status()
      feed.closeTime(clock.now() + 1, logB)
      assert.equal(guard.status(), before)
      await clock.advance(0)
      assert.is(feed.openings(), 2)
      feed.closeTime(clock.now() - 10)
      feed.revoke(`sid:${claimed.sid}`)
      feed.closeTime(clock.now() + 1, logB)
      feed.caughtUp()
      assert.equal([guard.status().logId, guard.ready(), feed.openings()], [logB, true, 2])
      assert.is(await verdictOf(guard, token), 'refused: revoked')
      assert.equal(kinds(), ['other_log'])
    },
  'tries again when the feed does not open': async () => {
    const { guard, feed, clock } = await freshGuard()
    feed.failToOpen(2)
    feed.closeTime(clock.now() + 1, logB)
    await clock.advance(2_000)
    assert.is(feed.openings(), 2)
    feed.closeTime(clock.now(), logB)
    feed.caughtUp()
    assert.is(guard.ready(), true)
  },
  'stops trying when it is closed': async () => {
    const { guard, feed, clock } = await freshGuard()
    feed.failToOpen(1_000)
    feed.closeTime(clock.now() + 1, logB)
    await clock.advance(600)
    await guard.close()
    await clock.advance(60_000)
    assert.equal([feed.openings(), clock.sleeping()], [1, 0])
  },
})

claims('a guard’s options', {
  'every mistake is told before anything is opened': () => {
    const feed = fakeFeed()
    const right = { issuer, audience, keys: fixedKeys(accessRing), feed, clock: fakeClock() }
    const wrong = { issuer: '', maxStalenessMs: 1_749, leewayMs: 60_001 }
    assert.throws(
      () => createGuard({ ...right, ...wrong }),
      (error: { code: string; message: string }) =>
        error.code === 'CONFIG_INVALID' &&
        ['issuer', '1750', 'leewayMs', 'introspect'].every((part) => error.message.includes(part)),
    )
    createGuard({ ...right, maxStalenessMs: 1_750, onStale: 'deny' })
    assert.is(feed.openings(), 0)
  },
})
