import { event } from '../../../shared/events/event.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import { readEventRecord } from '../../../shared/events/event-reader.ts'
import { type LogRecord, type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import { appendEventOnce, type EventDeps } from '../publication/index.ts'
import { deadLetterAt, lettersFrom } from './dead-letters.ts'
import {
  digestOf,
  noteSettled,
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
  const kept = Buffer.from(textOf(letter.value), 'base64')
  const bytes = Buffer.from(record.value ?? '')
  if (bytes.subarray(0, kept.length).equals(kept)) return record
  throw unusable('where the record lay is another one now')
}

/** The same bytes, for whoever could not use them: who had used them knows them by their id. */
const publishAgain = async (deps: SettleDeps, letter: RawRecord): Promise<void> => {
  const { log } = deps.operators
  const original = await originalOf(log, letter)
  const read = readEventRecord(deps.audit.events, original)
  if (!read.ok) throw unusable(`the record still cannot be used (${read.problem})`)
  const { key, headers, value } = original
  const record: LogRecord = { topic, key: textOf(key), headers, value: textOf(value) }
  await log.publish([record])
}

/**
 * Deals with a dead letter. `retried`: what can be used by now is published again, as it was, and
 * everybody reads it anew. `dropped`: nobody needs it. The letter stays in the log, and is not
 * shown as open any more; who did it is told as an event. One that fails on the way is repeated
 * without harm.
 * @throws AuthError NOT_FOUND, DEAD_LETTER_SETTLED, DEAD_LETTER_UNUSABLE, DEAD_LETTERS_FULL,
 * STORE_UNAVAILABLE, STORE_CONTENDED, LOG_UNAVAILABLE, LOG_DENIED
 */
export const settleLetter = async (
  deps: SettleDeps,
  { offset, how }: Readonly<{ offset: number; how: Settlement }>,
): Promise<void> => {
  const { store, act } = deps.context
  const { log } = deps.operators
  const letter = await deadLetterAt(log, offset)
  if (letter === null) throw new AuthError('NOT_FOUND', 'There is no dead letter at this offset.')
  const settled = settlementOf(await settledLetters(store), letter)
  if (settled !== null) throw new AuthError('DEAD_LETTER_SETTLED', `It was ${settled} already.`)
  if (how === 'retried') await publishAgain(deps, letter)
  const laid = textOf(letter.key).slice(0, 256)
  const told = event('DeadLetterSettled', { offset, laid, how, ...act() })
  await appendEventOnce(deps, `dead-letter:${offset}:${digestOf(letter)}:${how}`, told)
  await noteSettled(store, letter, { how, start: (await log.bounds(lettersFrom)).start })
}
