import { asFarAsCovered } from '../../events/log-coverage.ts'
import type { RevocationItem } from '../../events/revocation-record.ts'

/** One reading of the log, from where it began on. */
export type Reading = {
  /** The offset that it began at; everything from there on is told. */
  readonly began: number
  /** Whether the log has older records, which this reading left out by choice. */
  readonly inTheMiddle: boolean
  next: number
  /** Where the log ended when the reading began. */
  readonly goal: number
  caughtUp: boolean
  /**
   * The newest closed time that did not count, while none after it did. History has many: what was
   * in force then may have lain before the log's start, and is over by now.
   */
  uncovered: RevocationItem | null
}

/** A look at the newest records, for the closed time that says where one must begin. */
export type Scouting = Readonly<{ from: number; start: number; goal: number }>

/**
 * Four closed times a second are 345,600 records a day, and what is in force lies in the newest few
 * of them. A shorter log is read from its start at once.
 */
export const scoutAbove = 20_000
/** Behind it lies a closed time, unless revocations come by thousands a second. */
export const scoutedRecords = 1_000

export const scoutingOf = (start: number, end: number): Scouting | null =>
  end - start > scoutAbove ? { from: end - scoutedRecords, start, goal: end } : null

export const readingFrom = (began: number, start: number, goal: number): Reading => ({
  began,
  inTheMiddle: began > start,
  next: began,
  goal,
  caughtUp: false,
  uncovered: null,
})

/** Low marks of several gateways differ by what was written between their looks at the log. */
const margin = 2_000

/**
 * Where a reading may begin, by the newest closed time among `items`: a little below its `low`,
 * since what is in force lies there and above. `null` while there is none, the log's start where
 * it does not say.
 */
export const beginningBy = (
  { start }: Scouting,
  items: readonly RevocationItem[],
): number | null => {
  const newest = items.findLast((item) => item.kind === 'closed')
  if (newest?.kind !== 'closed') return null
  // Never behind the record that says so.
  const low = Math.min(newest.closed.low ?? start, newest.offset)
  return Math.max(start, low - margin)
}

/**
 * What to tell of `items`, in their order: of closed times that do not count only those behind
 * `goal`. Notes the newest one in `reading`.
 */
export const toldOf = (
  reading: Reading,
  items: readonly RevocationItem[],
): readonly RevocationItem[] => {
  const { began, inTheMiddle, goal } = reading
  const told: RevocationItem[] = []
  for (const read of items) {
    const item = asFarAsCovered(read, began, inTheMiddle)
    if (item.kind === 'closed') reading.uncovered = null
    if (item.kind === 'uncovered') reading.uncovered = item
    if (item.kind !== 'uncovered' || item.offset >= goal) told.push(item)
  }
  return told
}
