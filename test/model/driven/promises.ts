import type { Commit } from '../../../shared/events/commit.ts'
import { covers } from '../../../shared/events/log-coverage.ts'
import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { History } from './history.ts'
import { premises } from './premises.ts'
import type { RecordedLog } from './recorded-log.ts'
import type { Snapshot } from './snapshot.ts'

/** How guards read; every other way than the design's must turn a run red. */
export type Reading = Readonly<{
  /** A closed time covers what was acknowledged strictly before it. */
  strict: boolean
  /** A closed time proves nothing to who began above its low mark. */
  low: boolean
}>
export const designedReading: Reading = { strict: true, low: true }

const sessionKey = `sid:${premises.first.session?.sid}`
const subjectKey = `sub:${premises.user.sub}`

type Wanted = Readonly<{ at: EpochMs; has: (item: RevocationItem) => boolean; what: string }>

const wantedOf = ({ logoutAt, cutoffs }: History): readonly Wanted[] => [
  ...(logoutAt === null
    ? []
    : [
        {
          at: logoutAt,
          has: (item: RevocationItem) =>
            item.kind === 'revocation' && item.revocation.key === sessionKey,
          what: 'logout',
        },
      ]),
  ...cutoffs.map(({ least, at }) => ({
    at,
    has: (item: RevocationItem) =>
      item.kind === 'revocation' &&
      item.revocation.key === subjectKey &&
      (item.revocation.cutoff ?? -1) >= least,
    what: 'cutoff',
  })),
]

/**
 * Whether a guard that began at `from`, and reads on for however long, ever takes its closed time
 * for later than what it lacks. A guard's state is a union and a maximum, so every guard at every
 * pair of places is every lag, restart and interleaving.
 */
const lacks = (
  items: readonly RevocationItem[],
  from: number,
  { at, has }: Wanted,
  { strict, low }: Reading,
): boolean => {
  let knows = false
  for (const item of items.slice(from)) {
    knows ||= has(item)
    if (item.kind !== 'closed' || (low && !covers(item.closed, from))) continue
    const isPast = strict ? item.closed.t > at : item.closed.t >= at
    if (isPast && !knows) return true
  }
  return false
}

const isToldIn =
  ({ start }: RecordedLog) =>
  ({ published }: Commit): boolean =>
    published !== null && (published.offset ?? 0) >= start

const isDueOf = (
  { what, at: _ }: Wanted,
  now: Snapshot,
  log: RecordedLog,
  history: History,
): boolean => {
  const isTold = isToldIn(log)
  if (what === 'logout') {
    return now.session.some((one) => one.session?.status === 'dead' && !isTold(one))
  }
  const least = Math.max(...history.cutoffs.map((one) => one.least))
  return now.subject.some((one) => one.cutoff >= least && !isTold(one))
}

/** Each revocation in the log is of a commit in the store. */
const isTrue = (item: RevocationItem, { session, subject, others }: Snapshot): boolean => {
  if (item.kind !== 'revocation') return true
  return [...session, ...subject, ...others].some(({ id, events }) =>
    events.some((event, index) => {
      const isIt = `${id.s}:${id.v}:${index}` === item.id && event.type === 'TokenRevoked'
      return isIt && event.data.key === item.revocation.key
    }),
  )
}

/** What this moment breaks; empty when every promise is kept. */
export const brokenNow = (
  now: Snapshot,
  log: RecordedLog,
  history: History,
  reading: Reading,
): string => {
  const answered = history.broken(now)
  if (answered !== '') return answered
  for (const wanted of wantedOf(history)) {
    // From the first record on before it was deleted, and by now anywhere that there is.
    const begins = [0, ...log.items.keys(), log.end].filter((at) => at === 0 || at >= log.start)
    if (begins.some((from) => lacks(log.items, from, wanted, reading))) {
      return `CLOSED: closed time has passed an acknowledged ${wanted.what} that a guard lacks`
    }
    const isThere = log.items.slice(log.start).some(wanted.has)
    if (!isThere && !isDueOf(wanted, now, log, history)) {
      return `I3: an acknowledged ${wanted.what} is neither in the log nor due`
    }
  }
  return log.items.every((item) => isTrue(item, now))
    ? ''
    : 'I7: the log tells a revocation that the store does not have'
}
