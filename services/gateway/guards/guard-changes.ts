import { type AuthEvent, event } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GuardReport } from '../../../shared/ports/guard-registry.ts'

/** A guard as it was last told of. */
export type KnownGuard = Pick<
  GuardReport,
  'client' | 'instance' | 'name' | 'ready' | 'closedTime' | 'reportedAt'
>
/** What became of a guard; `name` is the same at every gateway that sees it. */
export type GuardChange = Readonly<{ key: string; name: string; event: AuthEvent }>

export const guardKey = ({ client, instance }: Pick<GuardReport, 'client' | 'instance'>): string =>
  `${client}/${instance}`

const guardIn = ({ client, instance, name }: KnownGuard) => ({ client, instance, name })

const attached = (key: string, report: GuardReport): GuardChange => ({
  key,
  name: `guard-attached:${key}`,
  event: event('GuardAttached', { ...guardIn(report), feed: report.feed }),
})

// While a guard is stale its closed time stands still, so gateways that look at different moments
// name the same change.
const stale = (key: string, { closedTime, ...report }: GuardReport): GuardChange => ({
  key,
  name: `guard-stale:${key}:${closedTime}`,
  event: event('GuardStale', { ...guardIn({ closedTime, ...report }), closedTime }),
})

const fresh = (key: string, report: GuardReport, since: EpochMs | null): GuardChange => ({
  key,
  name: `guard-fresh:${key}:${since}`,
  event: event('GuardFresh', { ...guardIn(report), closedTime: report.closedTime }),
})

const gone = (key: string, known: KnownGuard): GuardChange => ({
  key,
  name: `guard-gone:${key}:${known.reportedAt}`,
  event: event('GuardGone', { ...guardIn(known), reportedAt: known.reportedAt }),
})

/** What the newest report of a guard says that was not told of it; one thing at a time. */
const changeOf = (known: KnownGuard | undefined, report: GuardReport): GuardChange | null => {
  const key = guardKey(report)
  if (!known) return attached(key, report)
  if (known.ready === report.ready) return null
  return report.ready ? fresh(key, report, known.closedTime) : stale(key, report)
}

/**
 * What to tell, given what was told of each guard, and the newest reports of those that reported
 * within the last minute. A guard is told of as attached before it is told of as stale: who
 * attaches is taken for fresh. Pure.
 */
export const guardChanges = (
  known: ReadonlyMap<string, KnownGuard>,
  reports: readonly GuardReport[],
): readonly GuardChange[] => {
  const present = new Set(reports.map(guardKey))
  const left = [...known].filter(([key]) => !present.has(key)).map(([key, one]) => gone(key, one))
  const others = reports.flatMap((report) => changeOf(known.get(guardKey(report)), report) ?? [])
  return [...left, ...others]
}
