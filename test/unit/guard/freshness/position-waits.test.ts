import { epochMs } from '../../../../shared/kernel/ids.ts'
import { signAccess } from '../../../../shared/tokens/signing/sign-token.ts'
import { aLogId } from '../../../support/fakes/builders.ts'
import { firstLog } from '../../../support/fakes/fake-feed.ts'
import { accessClaims, accessRing, instant } from '../../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../../support/suite.ts'
import { freshGuard, type Guarded, guarded } from '../../../support/worlds/guarded.ts'

const claimed = accessClaims()
const token = signAccess(accessRing, claimed)
const secondLog = aLogId()

/** The verdict's name of a check that runs on while the test goes on. */
const asking = ({ guard }: Pick<Guarded, 'guard'>, minPosition: string) => {
  const seen = { verdict: 'waiting' }
  const done = guard.check(token, { minPosition }).then((verdict) => {
    seen.verdict = verdict.outcome === 'accepted' ? 'accepted' : verdict.reason
    return seen.verdict
  })
  return { seen, done }
}
const verdictAfter = async (parts: Guarded, minPosition: string, ms: number): Promise<string> => {
  const { seen } = asking(parts, minPosition)
  await parts.clock.advance(ms)
  return seen.verdict
}

claims('a check with a position', {
  'waits for the revocation that lies there, and refuses': async () => {
    const parts = await freshGuard()
    const { seen, done } = asking(parts, `${firstLog}:2`)
    await parts.clock.advance(100)
    assert.is(seen.verdict, 'waiting')
    parts.feed.revoke(`sid:${claimed.sid}`)
    assert.is(await done, 'revoked')
    assert.is(parts.clock.sleeping(), 0)
  },
  'is accepted once what lies there is known, whatever it is, and at once when it was':
    async () => {
      const parts = await freshGuard()
      const { done } = asking(parts, `${firstLog}:3`)
      parts.feed.revoke('sid:0123')
      parts.feed.revoke('sid:4567')
      assert.is(await done, 'accepted')
      assert.is(await verdictAfter(parts, `${firstLog}:3`, 0), 'accepted')
      assert.is(await verdictAfter(parts, `${firstLog}:4`, 0), 'waiting')
    },
  'waits for a pending position until a later closed time': async () => {
    const parts = await freshGuard()
    const { seen, done } = asking(parts, `t:${instant}`)
    await parts.clock.advance(10)
    assert.is(seen.verdict, 'waiting')
    parts.feed.closeTime(instant + 1)
    assert.is(await done, 'accepted')
    assert.is(await verdictAfter(parts, `t:${instant + 1}`, 0), 'waiting')
  },
  'reaches nothing by what a record that cannot be read hides': async () => {
    const parts = await freshGuard()
    parts.feed.tell({ kind: 'unreadable', offset: 5 })
    assert.is(await verdictAfter(parts, `${firstLog}:4`, 0), 'accepted')
    assert.is(await verdictAfter(parts, `${firstLog}:5`, 0), 'waiting')
  },
  'a position of the log before is reached with the first closed time of the next': async () => {
    const parts = await freshGuard()
    parts.feed.closeTime(instant + 1, secondLog)
    await parts.clock.advance(1)
    const { seen, done } = asking(parts, `${firstLog}:999`)
    parts.feed.revoke('sid:0123')
    assert.is(seen.verdict, 'waiting')
    parts.feed.closeTime(instant + 2, secondLog)
    parts.feed.caughtUp()
    assert.is(await done, 'accepted')
  },
  'a position of a log it never met waits for a closed time after the question, by any clock':
    async () => {
      const parts = await freshGuard({ positionWaitMs: 3_000 })
      const { seen, done } = asking(parts, `${secondLog}:1`)
      await parts.clock.advance(1_001)
      parts.feed.closeTime(instant + 1_000)
      await parts.clock.advance(1)
      assert.is(seen.verdict, 'waiting')
      parts.feed.closeTime(instant + 1_001)
      assert.is(await done, 'accepted')
    },
  'a reset takes back what was reached': async () => {
    const parts = await freshGuard()
    parts.feed.revoke('sid:0123')
    parts.feed.reset()
    assert.is(await verdictAfter(parts, `${firstLog}:2`, 0), 'waiting')
  },
  'a token that is refused anyway is refused at once': async () => {
    const { guard, feed } = await freshGuard()
    const invalid = await guard.check('a.b.c', { minPosition: `${firstLog}:9` })
    assert.equal(invalid, { outcome: 'refused', reason: 'invalid' })
    feed.revoke(`sid:${claimed.sid}`)
    const revoked = await guard.check(token, { minPosition: `${firstLog}:9` })
    assert.equal(revoked, { outcome: 'refused', reason: 'revoked' })
  },
  'what is no position is never accepted, and not waited for': async () => {
    const { guard, clock } = await freshGuard({ onStale: 'allow' })
    for (const minPosition of ['', 'x', `${firstLog}:-1`, 't:', `t:1, t:2`]) {
      const verdict = await guard.check(token, { minPosition })
      assert.equal(verdict, { outcome: 'misasked', reason: 'position_malformed' })
    }
    assert.is(clock.sleeping(), 0)
    assert.is(guard.metrics().checks.position_malformed, 5)
  },
})

claims('a position that is not reached in time', {
  'is a 503 under deny, and under allow with nobody to ask': async () => {
    for (const onStale of ['deny', 'allow'] as const) {
      const parts = await freshGuard({ onStale, positionWaitMs: 500 })
      assert.is(await verdictAfter(parts, `${firstLog}:2`, 499), 'waiting')
      assert.is(await verdictAfter(parts, `${firstLog}:2`, 500), 'position_not_reached')
      assert.is(parts.clock.sleeping(), 0)
    }
  },
  'is told by the gateway, with an answer asked after the question': async () => {
    const asked: number[] = []
    let active = true
    const parts: Guarded = await guarded({
      onStale: 'introspect',
      positionWaitMs: 500,
      introspect: async () => {
        asked.push(parts.clock.monotonicMs())
        return { active }
      },
    })
    // Stale, so the gateway is asked, and its answer kept.
    parts.feed.closeTime(parts.clock.now() - 60_000)
    parts.feed.caughtUp()
    assert.equal(await parts.guard.check(token), {
      outcome: 'accepted',
      claims: claimed,
      fresh: true,
    })
    active = false
    assert.equal((await parts.guard.check(token)).outcome, 'accepted')
    await parts.clock.advance(1)
    assert.is(await verdictAfter(parts, `${firstLog}:2`, 500), 'revoked')
    assert.equal(asked, [0, 501])
  },
  'is not waited for by more than 10,000 at once': async () => {
    const parts = await freshGuard()
    const waiting = Array.from({ length: 10_000 }, () => asking(parts, `${firstLog}:2`))
    assert.is(await asking(parts, `${firstLog}:2`).done, 'position_not_reached')
    parts.feed.revoke(`sid:${claimed.sid}`)
    const verdicts = await Promise.all(waiting.map(({ done }) => done))
    assert.ok(verdicts.every((verdict) => verdict === 'revoked'))
  },
  'does not keep a guard from closing': async () => {
    const parts = await freshGuard()
    const { done } = asking(parts, `t:${epochMs(instant + 1)}`)
    await parts.guard.close()
    assert.is(await done, 'position_not_reached')
    assert.is(parts.clock.sleeping(), 0)
  },
})
