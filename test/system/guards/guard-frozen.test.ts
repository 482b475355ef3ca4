import fc from 'fast-check'
import type { OnStale } from '../../../shared/guard/api/verdict.ts'
import type { AccessClaims } from '../../../shared/tokens/claims.ts'
import { signAccess } from '../../../shared/tokens/signing/sign-token.ts'
import { accessClaims, accessRing } from '../../support/fakes/sample-tokens.ts'
import { assert, claims } from '../../support/suite.ts'
import { guarded } from '../../support/worlds/guarded.ts'

const seed = 20_260_708
const maxStalenessMs = 5_000
const maxClockErrorMs = 1_000
const tickMs = 250
const lengthMs = 16_000

const sessions = Array.from({ length: 6 }, () => {
  const claimed: AccessClaims = accessClaims()
  return { claimed, token: signAccess(accessRing, claimed) }
})

type Scenario = Readonly<{
  /** From here on the feed tells nothing. */
  frozenAtMs: number
  /** How late it tells what it tells, so that the monotonic clock alone would not do. */
  lagMs: number
  /** How far the guard's clock is ahead of the store's. */
  skewMs: number
  /** When each session ends, by the store: around the freeze. */
  endsAtMs: readonly number[]
  /** When the guard's clock is set, and by how much; within the clock error with the skew. */
  jumpAtMs: number
  unanswered: boolean
}>
const drawn = fc.record({
  frozenAtMs: fc.integer({ min: 0, max: 8_000 }),
  lagMs: fc.integer({ min: 0, max: 3_000 }),
  skewMs: fc.integer({ min: -maxClockErrorMs, max: maxClockErrorMs }),
  endsAfterMs: fc.array(fc.integer({ min: -4_000, max: 4_000 }), { minLength: 6, maxLength: 6 }),
  jumpAtMs: fc.integer({ min: 0, max: 2 * lengthMs }),
  unanswered: fc.boolean(),
})
const scenario: fc.Arbitrary<Scenario> = drawn.map(({ endsAfterMs, ...one }) => ({
  ...one,
  endsAtMs: endsAfterMs.map((ms) => one.frozenAtMs + ms),
}))

type Late = Readonly<{ ms: number; accepted: number }>

/** How long after its session's end a token was accepted last, and how many were at all. */
const run = async (onStale: OnStale, one: Scenario): Promise<Late> => {
  let nowMs = 0
  const isOver = (index: number, atMs = nowMs): boolean => (one.endsAtMs[index] ?? 0) <= atMs
  const introspect = async (_: string, { sid }: AccessClaims) => {
    if (one.unanswered && nowMs > 9_000) throw new Error('the gateway does not answer')
    return { active: !isOver(sessions.findIndex(({ claimed }) => claimed.sid === sid)) }
  }
  const { guard, feed, clock } = await guarded({
    onStale,
    maxStalenessMs,
    maxClockErrorMs,
    introspect: introspect as never,
  })
  const startAt = clock.now()
  clock.jump(one.skewMs)
  const told = new Set<number>()
  const tell = (): void => {
    sessions.forEach(({ claimed }, index) => {
      if (!isOver(index, nowMs - one.lagMs) || told.has(index)) return
      told.add(index)
      feed.revoke(`sid:${claimed.sid}`)
    })
    feed.closeTime(startAt + nowMs - one.lagMs)
  }
  tell()
  feed.caughtUp()
  let ms = 0
  let accepted = 0
  let isSet = false
  for (; nowMs < lengthMs; nowMs += tickMs) {
    if (nowMs <= one.frozenAtMs) tell()
    if (!isSet && nowMs >= one.jumpAtMs) {
      clock.jump(-one.skewMs)
      isSet = true
    }
    const verdicts = await Promise.all(sessions.map(({ token }) => guard.check(token)))
    verdicts.forEach(({ outcome }, index) => {
      if (outcome !== 'accepted') return
      accepted += 1
      if (isOver(index)) ms = Math.max(ms, nowMs - (one.endsAtMs[index] ?? 0))
    })
    await clock.advance(tickMs)
  }
  await guard.close()
  return { ms, accepted }
}

const longestOf = async (onStale: OnStale, numRuns: number): Promise<Late> => {
  let ms = 0
  let accepted = 0
  const property = fc.asyncProperty(scenario, async (one) => {
    const late = await run(onStale, one)
    ms = Math.max(ms, late.ms)
    accepted += late.accepted
  })
  await fc.assert(property, { seed, numRuns })
  return { ms, accepted }
}

claims('a guard whose feed is frozen', {
  'accepts no token later than maxStaleness after its end, under deny and introspect': async () => {
    for (const onStale of ['deny', 'introspect'] as const) {
      const { ms, accepted } = await longestOf(onStale, 150)
      assert.ok(ms <= maxStalenessMs, `${onStale}: accepted ${ms} ms after the end`)
      // Something was accepted late: a guard that refuses everything would prove nothing.
      assert.ok(ms > maxStalenessMs / 2 && accepted > 1_000, `${onStale}: ${ms} ms, ${accepted}`)
    }
  },
  'accepts them on and on under allow: the proof that the bound is the policy’s': async () => {
    const { ms } = await longestOf('allow', 10)
    assert.ok(ms > 2 * maxStalenessMs, `${ms} ms`)
  },
})
