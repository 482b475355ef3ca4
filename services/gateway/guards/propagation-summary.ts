import { type EventOf, event } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { GuardReport, RefusalCounts } from '../../../shared/ports/guard-registry.ts'
import { guardKey } from './guard-changes.ts'
import { refusalQuantiles } from './refusal-quantiles.ts'

/** What a guard counted when it was last looked at, by its key. */
export type Counted = ReadonlyMap<string, RefusalCounts>
type Row = EventOf<'PropagationMeasured'>['data']['guards'][number]

/** The most rows of one event: each takes some 150 bytes of the 64 KiB that a commit may have. */
const rowsMax = 100

const isSame = (before: RefusalCounts, now: RefusalCounts): boolean =>
  now.count >= before.count &&
  now.buckets.length === before.buckets.length &&
  now.buckets.every(({ le }, index) => le === before.buckets[index]?.le)

/** What a guard refused by for the first time since `before`; `null` for nothing. */
const rowOf = (
  { client, instance, name, refusals }: GuardReport,
  before: RefusalCounts | undefined,
): Row | null => {
  // Without a former look it is not known when they were counted.
  if (!refusals || !before || !isSame(before, refusals)) return null
  const count = refusals.count - before.count
  if (count === 0) return null
  const buckets = refusals.buckets.map(({ le, count: below }, index) => ({
    le,
    count: below - (before.buckets[index]?.count ?? 0),
  }))
  return { client, instance, name, ...refusalQuantiles({ buckets, count }) }
}

export const countedIn = (reports: readonly GuardReport[]): Counted =>
  new Map(
    reports.flatMap((report) =>
      report.refusals ? [[guardKey(report), report.refusals] as const] : [],
    ),
  )

/** The events of one minute: none where no guard refused by anything new. Pure. */
export const propagationSummary = (
  reports: readonly GuardReport[],
  before: Counted,
  { from, to }: Readonly<{ from: EpochMs; to: EpochMs }>,
): readonly EventOf<'PropagationMeasured'>[] => {
  const rows = reports.flatMap((report) => rowOf(report, before.get(guardKey(report))) ?? [])
  const pages = Math.ceil(rows.length / rowsMax)
  return Array.from({ length: pages }, (_, page) =>
    event('PropagationMeasured', {
      from,
      to,
      guards: rows.slice(page * rowsMax, (page + 1) * rowsMax),
    }),
  )
}
