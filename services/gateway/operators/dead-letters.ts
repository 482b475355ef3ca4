import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { lettersFrom } from './letters-from.ts'
import { lookAtNew, noteLike, provenOffsets, settledOffsets } from './seen-letters.ts'
import {
  digestOf,
  noteSettledLike,
  type SettledLetters,
  type Settlement,
  settledLetters,
  settlementOf,
} from './settled-letters.ts'

type Log = Pick<EventLog, 'bounds' | 'recordAt'>
type Deps = Readonly<{
  context: Readonly<{ store: Pick<EventStore, 'agree'> }>
  operators: Readonly<{ log: Log }>
}>

/** A parked record, and what was done about it; `null`: it is open. */
export type DeadLetter = Readonly<{ letter: RawRecord; settled: Settlement | null }>
export type DeadLetterPage = Readonly<{
  letters: readonly DeadLetter[]
  /** Where the next page begins; `null` at the end. */
  next: number | null
}>

export const letterStates = ['open', 'settled'] as const
export type LetterState = (typeof letterStates)[number]

/** Of one page, however few of them are shown: each is a reader of its own. */
const looksMax = 100
const readersMax = 16

type Asked = Readonly<{ before: number | null; limit: number; state: LetterState | null }>

const newestFirst = function* (
  start: number,
  before: number,
  skipped: ReadonlySet<number> | null,
): Generator<number> {
  for (let at = before - 1; at >= start; at -= 1) if (!skipped?.has(at)) yield at
}

/** Some at once: on Kafka a reader waits three seconds before it begins. */
const recordsAt = async (log: Log, offsets: readonly number[]): Promise<readonly RawRecord[]> => {
  const records: RawRecord[] = []
  for (let from = 0; from < offsets.length; from += readersMax) {
    const some = offsets.slice(from, from + readersMax)
    const read = await Promise.all(some.map((at) => log.recordAt(lettersFrom, at)))
    records.push(...read.filter((record) => record !== null))
  }
  return records
}

type Bounds = Awaited<ReturnType<Log['bounds']>>

/**
 * What was read of them and is dealt with by its like at another offset, as in a batch that was
 * parked twice, is noted as such: it is read once, and not by every gateway.
 */
const noteLikes = async (
  { context: { store }, operators: { log } }: Deps,
  known: SettledLetters,
  bounds: Bounds,
  letters: readonly RawRecord[],
): Promise<void> => {
  for (const letter of letters) {
    const how = settlementOf(known, letter)
    const noted = known.byOffset.get(letter.offset)
    if (how === null || noted?.digest === digestOf(letter)) continue
    noteLike(log, bounds, letter.offset)
    await noteSettledLike(store, letter, how)
  }
}

/**
 * Records that were parked, the newest first. A page may have fewer than there are, or none; those
 * that are not wanted are told by their offset, and not read.
 * @throws AuthError LOG_UNAVAILABLE, LOG_DENIED, STORE_UNAVAILABLE
 */
export const deadLetters = async (
  deps: Deps,
  { before, limit, state }: Asked,
): Promise<DeadLetterPage> => {
  const { store } = deps.context
  const { log } = deps.operators
  const bounds = await log.bounds(lettersFrom)
  const known = await settledLetters(store)
  const settledAt = await provenOffsets(log, known, bounds)
  const to = Math.min(bounds.end, before ?? bounds.end)
  const wanted =
    state === 'settled'
      ? [...settledAt].filter((at) => at < to).sort((one, other) => other - one)
      : newestFirst(bounds.start, to, state === 'open' ? settledAt : null)
  const looks = Math.min(limit, looksMax)
  const offsets: number[] = []
  for (const at of wanted) {
    offsets.push(at)
    if (offsets.length > looks) break
  }
  const hasMore = offsets.length > looks
  const read = await recordsAt(log, offsets.slice(0, looks))
  const letters = read.map((letter) => ({ letter, settled: settlementOf(known, letter) }))
  // Who looks sees them all the same where it cannot be noted.
  await noteLikes(deps, known, bounds, read).catch(() => {})
  return {
    letters: letters.filter(
      ({ settled }) => state === null || (state === 'open') === (settled === null),
    ),
    next: hasMore ? (offsets[looks - 1] ?? null) : null,
  }
}

/** The same, page by page, until there are so many or no more. */
export const everyLetter = async function* (
  deps: Deps,
  { limit, state }: Omit<Asked, 'before'>,
): AsyncGenerator<DeadLetter> {
  let before: number | null = null
  for (let left = limit; left > 0; ) {
    const page: DeadLetterPage = await deadLetters(deps, { before, limit: left, state })
    yield* page.letters
    left -= page.letters.length
    if (page.next === null) return
    before = page.next
  }
}

/** `null`: there is none at this offset. @throws AuthError LOG_UNAVAILABLE, LOG_DENIED */
export const deadLetterAt = async (log: Log, offset: number): Promise<RawRecord | null> => {
  const { start, end } = await log.bounds(lettersFrom)
  return offset >= start && offset < end ? log.recordAt(lettersFrom, offset) : null
}

/** The same, with what was done about it. */
export const settledLetterAt = async (deps: Deps, offset: number): Promise<DeadLetter | null> => {
  const letter = await deadLetterAt(deps.operators.log, offset)
  if (letter === null) return null
  return { letter, settled: settlementOf(await settledLetters(deps.context.store), letter) }
}

/**
 * How many are open, told by offsets: it is asked at each look at a fleet, so no record is waited
 * for. One that came since, and whose like is dealt with, is not counted from the next time on.
 * @throws AuthError LOG_UNAVAILABLE, LOG_DENIED, STORE_UNAVAILABLE
 */
export const countOpenLetters = async (deps: Deps): Promise<number> => {
  const { log } = deps.operators
  const bounds = await log.bounds(lettersFrom)
  const known = await settledLetters(deps.context.store)
  lookAtNew(log, bounds, async (offsets) => {
    const isNothingSettled = known.byDigest.size === 0
    const unknown = isNothingSettled ? [] : offsets.filter((at) => !known.byOffset.has(at))
    await noteLikes(deps, known, bounds, await recordsAt(log, unknown))
  })
  return bounds.end - bounds.start - settledOffsets(log, known, bounds).size
}

/** Of a list: what a record begins with. In base64, so a multiple of four. */
const shortLength = 1_024

/** As `GET /dead-letters` shows it, `whole` or its beginning. */
export const deadLetterBody = ({ letter, settled }: DeadLetter, whole: boolean) => {
  const { offset, key, headers, value } = letter
  const { 'curfew-problem': problem, 'curfew-bytes': bytes, ...others } = headers
  const text = textOf(value)
  return {
    // Where the record lay: topic, partition and offset.
    ...{ offset, lay_at: textOf(key), problem: problem ?? null, settled },
    bytes: /^\d{1,12}$/.test(bytes ?? '') ? Number(bytes) : null,
    type: others['ce_type'] ?? null,
    time: others['ce_time'] ?? null,
    headers: others,
    value: whole ? text : text.slice(0, shortLength),
  }
}
