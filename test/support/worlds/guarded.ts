import type { GuardAlarm } from '../../../shared/guard/api/alarm.ts'
import { createGuard, type Guard } from '../../../shared/guard/create-guard.ts'
import type { GuardOptions } from '../../../shared/guard/guard-options.ts'
import { fixedKeys } from '../../../shared/guard/keys/key-source.ts'
import { type FakeClock, fakeClock } from '../fakes/fake-clock.ts'
import { type FakeFeed, fakeFeed } from '../fakes/fake-feed.ts'
import { accessRing, audience, issuer } from '../fakes/sample-tokens.ts'

export type Guarded = Readonly<{
  guard: Guard
  feed: FakeFeed
  clock: FakeClock
  alarms: GuardAlarm[]
  kinds: () => string[]
}>

type Over = Partial<Omit<GuardOptions, 'clock'>> & Readonly<{ clock?: FakeClock }>

/** A started guard that has read nothing yet. */
export const guarded = async ({ clock = fakeClock(), ...over }: Over = {}): Promise<Guarded> => {
  const feed = fakeFeed()
  const alarms: GuardAlarm[] = []
  const guard = createGuard({
    issuer,
    audience,
    keys: fixedKeys(accessRing),
    feed,
    clock,
    onStale: 'deny',
    onAlarm: (alarm) => alarms.push(alarm),
    ...over,
  })
  await guard.start()
  return { guard, feed, clock, alarms, kinds: () => alarms.map(({ kind }) => kind) }
}

/** A started guard that has read the log and is fresh. */
export const freshGuard = async (over: Over = {}): Promise<Guarded> => {
  const parts = await guarded(over)
  parts.feed.closeTime(parts.clock.now())
  parts.feed.caughtUp()
  return parts
}

/** `accepted`, or why not; with `!` when accepted without proof of freshness. */
export const verdictOf = async (guard: Guard, token: string): Promise<string> => {
  const verdict = await guard.check(token)
  if (verdict.outcome === 'accepted') return verdict.fresh ? 'accepted' : 'accepted!'
  return `${verdict.outcome}: ${verdict.reason}`
}
