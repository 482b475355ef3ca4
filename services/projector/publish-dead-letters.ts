import type { LogRecord, Topic } from '../../shared/events/log-record.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventLog, Partition } from '../../shared/ports/event-log.ts'
import { partitionName } from './fenced-partition.ts'
import type { DeadLetter } from './projection.ts'

type Parts = Readonly<{ log: Pick<EventLog, 'publish'>; logger: Logger }>

/** Bounds one call of `publish`: a batch may be full of large foreign records. */
const bytesPerCall = 256 * 1024
/** A length of base64 text, so a multiple of four. */
const shortValueLength = 1_024

const chunksOf = (letters: readonly DeadLetter[]): DeadLetter[][] => {
  const chunks: DeadLetter[][] = []
  let room = 0
  for (const letter of letters) {
    const size = letter.record.value.length
    if (chunks.length === 0 || size > room) {
      chunks.push([])
      room = bytesPerCall
    }
    chunks.at(-1)?.push(letter)
    room -= size
  }
  return chunks
}

/** A dead letter cut to its beginning, with what is wrong, and without the record's own headers. */
const shortened = (record: LogRecord): LogRecord => ({
  ...record,
  headers: {
    ...Object.fromEntries(
      Object.entries(record.headers).filter(([name]) =>
        ['curfew-problem', 'curfew-encoding', 'curfew-bytes'].includes(name),
      ),
    ),
    'curfew-truncated': 'the topic takes no larger record: raise its max.message.bytes',
  },
  value: record.value.slice(0, shortValueLength),
})

const publishAny = async (
  { log }: Parts,
  forms: readonly LogRecord[],
): Promise<'parked' | Error> => {
  let refusal: Error | null = null
  for (const record of forms) {
    try {
      await log.publish([record])
      return 'parked'
    } catch (error) {
      if (!isAuthError(error, 'LOG_RECORD_TOO_LARGE')) throw error
      refusal = error
    }
  }
  return refusal ?? 'parked'
}

const parkApart = async (parts: Parts, { offset, record }: DeadLetter): Promise<void> => {
  const short = shortened(record)
  const outcome = await publishAny(parts, [record, short, { ...short, value: '' }])
  if (outcome === 'parked') return
  // The record stays in its topic for as long as that keeps it; reading goes on.
  parts.logger.error({ error: outcome, record: record.key, offset }, 'a dead letter was not kept')
}

/**
 * Publishes dead letters in calls of bounded size. `onParked` gets the last offset after each call,
 * so that a repetition continues there. A letter that is too large for the topic is shortened, with
 * a header that says so. Rejects if the log fails for another reason than size.
 */
export const publishDeadLetters = async (
  parts: Parts,
  letters: readonly DeadLetter[],
  onParked: (offset: number) => void,
): Promise<void> => {
  for (const chunk of chunksOf(letters)) {
    try {
      await parts.log.publish(chunk.map(({ record }) => record))
    } catch (error) {
      if (!isAuthError(error, 'LOG_RECORD_TOO_LARGE')) throw error
      for (const letter of chunk) await parkApart(parts, letter)
    }
    const last = chunk.at(-1)
    if (last) onParked(last.offset)
  }
}

/** Parks what cannot be used, and nothing twice when a batch is repeated. */
export class ParkedLetters {
  readonly #parts: Parts
  /** The greatest parked offset, by partition. */
  readonly #parked = new Map<string, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async park(place: Partition, letters: readonly DeadLetter[]): Promise<void> {
    const name = partitionName(place)
    const parked = this.#parked.get(name) ?? -1
    const fresh = letters.filter(({ offset }) => offset > parked)
    if (fresh.length === 0) return
    const { topic } = place
    this.#parts.logger.error({ topic, count: fresh.length }, 'records parked as dead letters')
    await publishDeadLetters(this.#parts, fresh, (offset) => this.#parked.set(name, offset))
  }

  /** The topic begins anew: so do its offsets. */
  forget(topic: Topic): void {
    for (const name of [...this.#parked.keys()]) {
      if (name.startsWith(`${topic}/`)) this.#parked.delete(name)
    }
  }
}
