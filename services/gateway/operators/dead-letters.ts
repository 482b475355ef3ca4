import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'

type Log = Pick<EventLog, 'bounds' | 'recordAt'>
export type DeadLetterPage = Readonly<{
  letters: readonly RawRecord[]
  /** Where the next page begins; `null` at the end. */
  next: number | null
}>

/** The topic has one partition. */
const place = { topic: 'auth.deadletters', partition: 0 } as const

/** Records that were parked, the newest first. @throws AuthError LOG_UNAVAILABLE, LOG_DENIED */
export const deadLetters = async (
  log: Log,
  { before, limit }: Readonly<{ before: number | null; limit: number }>,
): Promise<DeadLetterPage> => {
  const { start, end } = await log.bounds(place)
  const letters: RawRecord[] = []
  let at = Math.min(end, before ?? end)
  while (at > start && letters.length < limit) {
    at -= 1
    const letter = await log.recordAt(place, at)
    if (letter) letters.push(letter)
  }
  return { letters, next: at > start ? at : null }
}

/** `null`: there is none at this offset. @throws AuthError LOG_UNAVAILABLE, LOG_DENIED */
export const deadLetterAt = async (log: Log, offset: number): Promise<RawRecord | null> => {
  const { start, end } = await log.bounds(place)
  return offset >= start && offset < end ? log.recordAt(place, offset) : null
}

/** Of a list: what a record begins with. In base64, so a multiple of four. */
const shortLength = 1_024

/** As `GET /dead-letters` shows it, `whole` or its beginning. */
export const deadLetterBody = ({ offset, key, headers, value }: RawRecord, whole: boolean) => {
  const { 'curfew-problem': problem, 'curfew-bytes': bytes, ...others } = headers
  const text = textOf(value)
  return {
    // Where the record lay: topic, partition and offset.
    ...{ offset, lay_at: textOf(key), problem: problem ?? null },
    bytes: /^\d{1,12}$/.test(bytes ?? '') ? Number(bytes) : null,
    type: others['ce_type'] ?? null,
    time: others['ce_time'] ?? null,
    headers: others,
    value: whole ? text : text.slice(0, shortLength),
  }
}
