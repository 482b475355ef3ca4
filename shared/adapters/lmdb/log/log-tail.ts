import { carryDecoded } from '../../../events/decoded-record-cache.ts'
import type { LogRecord, RawRecord, Topic } from '../../../events/log-record.ts'

/** The most records that are kept for each topic; followers lag by a few. */
const recordsMax = 1_000

type Tail = Readonly<{ start: number; records: RawRecord[] }>

export const rawOf = (
  topic: Topic,
  offset: number,
  { key, headers, value }: Pick<LogRecord, 'key' | 'headers' | 'value'>,
): RawRecord => ({
  topic,
  partition: 0,
  offset,
  key,
  headers,
  value,
})

/**
 * The newest records of each topic that this process published, as readers get them: what is
 * durable need not be read back from the files by each follower (a tenth of the cost of a refresh).
 * Where another process published in between, the tail begins anew behind it.
 */
export class LogTail {
  readonly #tails = new Map<Topic, Tail>()

  /** A record that is durable at `offset`. */
  add(record: LogRecord, offset: number): void {
    const { topic } = record
    const tail = this.#tails.get(topic)
    // One that comes late: the files have it, and what followed it is here.
    if (tail && offset < tail.start + tail.records.length) return
    const raw = rawOf(topic, offset, record)
    carryDecoded(record, raw)
    if (!tail || tail.start + tail.records.length !== offset) {
      this.#tails.set(topic, { start: offset, records: [raw] })
      return
    }
    tail.records.push(raw)
    if (tail.records.length < 2 * recordsMax) return
    const records = tail.records.slice(-recordsMax)
    this.#tails.set(topic, { start: offset + 1 - records.length, records })
  }

  /** Records from `from` up; `null` where the files know more. */
  from(
    topic: Topic,
    from: number,
    limit: number,
  ): Readonly<{ records: readonly RawRecord[]; end: number }> | null {
    const tail = this.#tails.get(topic)
    if (!tail) return null
    const { start, records } = tail
    const end = start + records.length
    if (from < start || from >= end) return null
    return { records: records.slice(from - start, from - start + limit), end }
  }
}
