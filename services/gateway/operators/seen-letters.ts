import type { EventLog } from '../../../shared/ports/event-log.ts'
import { lettersFrom } from './letters-from.ts'
import { type SettledLetters, settlementOf } from './settled-letters.ts'

type Log = Pick<EventLog, 'recordAt'>
type Bounds = Awaited<ReturnType<EventLog['bounds']>>

/**
 * What reading has shown of the topic of a log: a record costs a reader of its own, so nothing is
 * read twice for it, and who only counts reads nothing.
 */
type Seen = {
  end: number
  /** Up to here nothing is to be looked at: it was, or it was there before. */
  lookedTo: number
  looking: Promise<void> | null
  /** A letter that is dealt with, and whether it is the one at its offset. */
  probe: string | null
  isSame: boolean
  /** Those whose like at another offset is dealt with. */
  readonly likes: Set<number>
}
const seenOf = new WeakMap<object, Seen>()

const seen = (log: object, { end }: Bounds): Seen => {
  const found = seenOf.get(log)
  // An end that went back is of a topic that was made anew.
  if (found && found.end <= end) {
    found.end = end
    return found
  }
  const fresh: Seen = {
    ...{ end, lookedTo: end, looking: null },
    ...{ probe: null, isSame: true, likes: new Set<number>() },
  }
  seenOf.set(log, fresh)
  return fresh
}

const within = ({ start, end }: Bounds, offset: number): boolean => offset >= start && offset < end

const newestOf = (known: SettledLetters, bounds: Bounds) => {
  const there = [...known.byOffset.values()].filter(({ offset }) => within(bounds, offset))
  return there.reduce<(typeof there)[number] | null>(
    (newest, one) => (newest === null || one.offset > newest.offset ? one : newest),
    null,
  )
}

/** Offsets of letters that are dealt with, as far as is known without reading any. */
export const settledOffsets = (
  log: object,
  known: SettledLetters,
  bounds: Bounds,
): ReadonlySet<number> => {
  const { isSame, probe, likes } = seen(log, bounds)
  const newest = newestOf(known, bounds)
  const isOther = !isSame && newest !== null && `${newest.offset}/${newest.digest}` === probe
  const offsets = isOther ? [...likes] : [...known.byOffset.keys(), ...likes]
  return new Set(offsets.filter((offset) => within(bounds, offset)))
}

/**
 * The same, with one letter read where nobody has yet: of a topic that was made anew it is another
 * one, and then all are open.
 * @throws AuthError LOG_UNAVAILABLE, LOG_DENIED
 */
export const provenOffsets = async (
  log: Log,
  known: SettledLetters,
  bounds: Bounds,
): Promise<ReadonlySet<number>> => {
  const found = seen(log, bounds)
  const newest = newestOf(known, bounds)
  const probe = newest && `${newest.offset}/${newest.digest}`
  const isProven = found.probe !== null && (found.isSame || found.probe === probe)
  if (newest !== null && !isProven) {
    const letter = await log.recordAt(lettersFrom, newest.offset)
    found.isSame = letter !== null && settlementOf(known, letter) !== null
    found.probe = probe
  }
  return settledOffsets(log, known, bounds)
}

/** One that was read is dealt with, by its like at another offset. */
export const noteLike = (log: object, bounds: Bounds, offset: number): void => {
  seen(log, bounds).likes.add(offset)
}

/** At once: on Kafka each is a reader. */
const newMax = 16

/**
 * Has `look` look at letters that came since somebody counted first, some at a time, and at each
 * once. Nobody waits for it: who counts is told by the next count.
 */
export const lookAtNew = (
  log: object,
  bounds: Bounds,
  look: (offsets: readonly number[]) => Promise<void>,
): void => {
  const found = seen(log, bounds)
  if (found.looking !== null || found.lookedTo >= bounds.end) return
  const from = Math.max(found.lookedTo, bounds.start)
  const to = Math.min(bounds.end, from + newMax)
  found.looking = look(Array.from({ length: to - from }, (_, nth) => from + nth))
    .then(
      () => {
        found.lookedTo = to
      },
      () => {}, // The log or the store is away: the next count tries again.
    )
    .finally(() => {
      found.looking = null
    })
}
