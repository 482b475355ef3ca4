import { againHeader } from '../../../shared/events/again-header.ts'
import { event } from '../../../shared/events/event.ts'
import { encodeDeadLetter } from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import { type LogRecord, type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { appendEventOnce, type EventDeps } from '../publication/index.ts'
import { deadLetterAt } from './dead-letters.ts'
import { lettersFrom } from './letters-from.ts'
import { provenOffsets } from './seen-letters.ts'
import {
  alreadySettled,
  digestOf,
  giveBack,
  noteSettled,
  type Reserving,
  reserveLetter,
  type Settlement,
  settledLetters,
  settlementOf,
} from './settled-letters.ts'

export type SettleDeps = EventDeps &
  Readonly<{
    audit: Readonly<{ events: EventCheck }>
    operators: Readonly<{
      log: Pick<EventLog, 'bounds' | 'partitions' | 'recordAt' | 'publish'>
    }>
  }>
type Log = SettleDeps['operators']['log']

const unusable = (why: string): AuthError =>
  new AuthError('DEAD_LETTER_UNUSABLE', `Nothing was published: ${why}.`)

const topic = 'auth.events'
const placePattern = /^auth\.events\/(\d{1,9})\/(\d{1,15})$/

const namesOfRecord = ['ce_id', macHeader] as const

/** Whether a letter is of this record. What was cut has no headers of the record. */
const isOf = (letter: RawRecord, record: RawRecord): boolean => {
  const whole = encodeDeadLetter(record, '')
  const value = textOf(letter.value)
  if (whole.headers['curfew-bytes'] !== letter.headers['curfew-bytes']) return false
  if (letter.headers['curfew-truncated'] !== undefined) return whole.value.startsWith(value)
  return (
    whole.value === value &&
    namesOfRecord.every((name) => whole.headers[name] === letter.headers[name])
  )
}

/** The record where it lay: a letter lacks its key, and may be cut. */
const originalOf = async (log: Log, letter: RawRecord): Promise<RawRecord> => {
  const [, partition, offset] = placePattern.exec(textOf(letter.key)) ?? []
  if (partition === undefined) {
    throw unusable('only a record of auth.events can be retried; for others build the view anew')
  }
  const place = { topic, partition: Number(partition) } as const
  const isThere = place.partition < (await log.partitions(topic))
  const record = isThere ? await log.recordAt(place, Number(offset)) : null
  if (record === null) throw unusable('the record is not in the log any more')
  if (isOf(letter, record)) return record
  throw unusable('where the record lay is another one now')
}

/**
 * The same bytes, for whoever could not use them: who had used them knows them by their id. No
 * receiver is told: what it says of sessions was true when it happened, and may end others now.
 */
const copyOf = async (deps: SettleDeps, letter: RawRecord): Promise<LogRecord> => {
  const original = await originalOf(deps.operators.log, letter)
  const read = readEventRecord(deps.audit.events, original)
  if (!read.ok) throw unusable(`the record still cannot be used (${read.problem})`)
  const { key, headers, value } = original
  return {
    ...{ topic, key: textOf(key), value: textOf(value) },
    headers: { ...headers, [againHeader]: '1' },
  }
}

type Settling = Readonly<{ offset: number; how: Settlement }>

/** A letter that is taken, and that nobody else deals with meanwhile. */
const settleTaken = async (
  deps: SettleDeps,
  letter: RawRecord,
  { how, copy }: Readonly<{ how: Settlement; copy: LogRecord | null }>,
): Promise<void> => {
  if (copy !== null) await deps.operators.log.publish([copy])
  const { offset } = letter
  const laid = textOf(letter.key).slice(0, 256)
  const told = event('DeadLetterSettled', { offset, laid, how, ...deps.context.act() })
  await appendEventOnce(deps, `dead-letter:${offset}:${digestOf(letter)}:${how}`, told)
}

/**
 * Deals with a dead letter. `retried`: what can be used by now is published again, as it was, and
 * everybody reads it anew. `dropped`: nobody needs it. The letter stays in the log, and is not
 * shown as open any more; who did it is told as an event. One that fails on the way is repeated
 * without harm.
 * @throws AuthError NOT_FOUND, DEAD_LETTER_SETTLED, DEAD_LETTER_UNUSABLE, DEAD_LETTERS_FULL,
 * STORE_UNAVAILABLE, STORE_CONTENDED, LOG_UNAVAILABLE, LOG_DENIED
 */
export const settleLetter = async (deps: SettleDeps, { offset, how }: Settling): Promise<void> => {
  const { store, storeClock } = deps.context
  const { log } = deps.operators
  const letter = await deadLetterAt(log, offset)
  if (letter === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
  const known = await settledLetters(store)
  const settled = settlementOf(known, letter)
  if (settled !== null) throw alreadySettled(settled)
  const copy = how === 'retried' ? await copyOf(deps, letter) : null
  const bounds = await log.bounds(lettersFrom)
  const proven = await provenOffsets(log, known, bounds)
  const isThere: Reserving['isThere'] = (one) =>
    one.offset >= bounds.start &&
    one.offset < bounds.end &&
    (proven.has(one.offset) || !known.byDigest.has(one.digest))
  const taken = await reserveLetter(store, letter, { how, now: storeClock.now(), isThere })
  try {
    await settleTaken(deps, letter, { how, copy })
  } catch (error) {
    // Else it is free by itself a minute later.
    await giveBack(store, taken).catch(() => {})
    throw error
  }
  await noteSettled(store, taken)
}
