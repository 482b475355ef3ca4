import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { type Settlement, settledLetters, settlementOf } from './settled-letters.ts'

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

/** The topic has one partition. */
export const lettersFrom = { topic: 'auth.deadletters', partition: 0 } as const
/** Of one page, however few of them are shown. */
const looksMax = 1_000

type Asked = Readonly<{ before: number | null; limit: number; state: LetterState | null }>

/**
 * Records that were parked, the newest first. A page may have fewer than there are, or none.
 * @throws AuthError LOG_UNAVAILABLE, LOG_DENIED, STORE_UNAVAILABLE
 */
export const deadLetters = async (
  { context: { store }, operators: { log } }: Deps,
  { before, limit, state }: Asked,
): Promise<DeadLetterPage> => {
  const { start, end } = await log.bounds(lettersFrom)
  const known = await settledLetters(store)
  const letters: DeadLetter[] = []
  let at = Math.min(end, before ?? end)
  for (let looks = 0; at > start && letters.length < limit && looks < looksMax; looks += 1) {
    at -= 1
    const letter = await log.recordAt(lettersFrom, at)
    if (!letter) continue
    const settled = settlementOf(known, letter)
    const isShown = state === null || (state === 'open') === (settled === null)
    if (isShown) letters.push({ letter, settled })
  }
  return { letters, next: at > start ? at : null }
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
 * How many are open. Which of them are dealt with is known by offset: of a topic that was made anew
 * the newest of these is another letter, and then all are open.
 * @throws AuthError LOG_UNAVAILABLE, LOG_DENIED, STORE_UNAVAILABLE
 */
export const countOpenLetters = async ({
  context: { store },
  operators: { log },
}: Deps): Promise<number> => {
  const { start, end } = await log.bounds(lettersFrom)
  const known = await settledLetters(store)
  const there = [...known.keys()].filter((offset) => offset >= start && offset < end)
  if (there.length === 0) return end - start
  const newest = await log.recordAt(lettersFrom, Math.max(...there))
  const isSameTopic = newest !== null && settlementOf(known, newest) !== null
  return end - start - (isSameTopic ? there.length : 0)
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
