import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog, Following, FollowOptions } from '../../../shared/ports/event-log.ts'
import { assert } from '../suite.ts'

const partition = { topic: 'auth.revocations', partition: 0 } as const

export const rawAt = (offset: number, record: LogRecord): RawRecord => ({
  topic: record.topic,
  partition: 0,
  offset,
  key: Buffer.from(record.key),
  headers: record.headers,
  value: Buffer.from(record.value),
})

type Reading = Readonly<{ options: FollowOptions; from: number; stopped: () => boolean }>

/** A log of one topic whose bounds the test sets, and whose batches it delivers by hand. */
export const handFedLog = () => {
  const state = { start: 0, end: 0, isDown: false }
  const readings: Reading[] = []
  const published: LogRecord[] = []
  const follow = async (options: FollowOptions): Promise<Following> => {
    let stopped = false
    readings.push({ options, from: await options.resumeAt(partition), stopped: () => stopped })
    return {
      stop: async () => {
        stopped = true
      },
    }
  }
  const log: Pick<
    EventLog,
    'bounds' | 'endsBelow' | 'follow' | 'publish' | 'healthy' | 'mistakes' | 'denials'
  > = {
    bounds: async () => {
      if (state.isDown) throw new AuthError('LOG_UNAVAILABLE', 'down')
      return { start: state.start, end: state.end }
    },
    endsBelow: async (_, offset) => {
      if (state.isDown) throw new AuthError('LOG_UNAVAILABLE', 'down')
      return state.end < offset
    },
    follow,
    publish: async (records) => records.map((record) => published.push(record) - 1),
    healthy: () => !state.isDown,
    mistakes: () => [],
    denials: () => [],
  }
  const latest = (): Reading => {
    const reading = readings.at(-1)
    assert.ok(reading, 'nobody reads')
    return reading
  }
  return {
    state,
    readings,
    published,
    latest,
    /** As a log does: the end is one past the newest record, unless told otherwise. */
    deliver: (records: readonly RawRecord[], end?: number, to = latest()): Promise<void> => {
      state.end = end ?? Math.max(state.end, (records.at(-1)?.offset ?? -1) + 1)
      const goOnAt = (offset: number): void => assert.unreachable(`went to ${offset}`)
      return to.options.onBatch({ ...partition, records, end: state.end }, goOnAt)
    },
    log: log as EventLog,
  }
}
