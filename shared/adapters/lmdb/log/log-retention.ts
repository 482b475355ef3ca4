import type { Database, Key } from 'lmdb'
import { closedTimeType } from '../../../events/read-revocation-record.ts'
import type { EpochMs } from '../../../kernel/ids.ts'

/**
 * A record as it lies in the log; `at` is when it was appended, by the host's clock, never going
 * back.
 */
export type StoredRecord = Readonly<{
  key: string
  headers: Readonly<Record<string, string>>
  value: string
  at: EpochMs
}>

/** What a topic knows of itself; its records lie in a database of their own, by offset. */
export type TopicState = Readonly<{
  /** One past the newest record. */
  end: number
  /** When the newest record was appended. */
  at: EpochMs
  /** Offset of the newest closed time. */
  closed: number | null
  /** Below it no closed time is left. */
  swept: number
  /**
   * The longest retention that any process asked for: tokens of longer settings are still about.
   */
  retentionMs?: number
}>
export const emptyTopic: TopicState = { end: 0, at: 0 as EpochMs, closed: null, swept: 0 }

const recordsMax = 500
const closedTimeAgeMs = 60_000

export const isClosedTime = ({ headers }: Pick<StoredRecord, 'headers'>): boolean =>
  headers['ce_type'] === closedTimeType

type Records = Database<StoredRecord, Key>
type Sweep = Readonly<{ now: EpochMs; retentionMs: number; newestClosed: number }>

const dropExpired = (records: Records, { now, retentionMs, newestClosed }: Sweep): boolean => {
  const range = { end: newestClosed, limit: recordsMax }
  const doomed = [...records.getRange(range)].filter(({ value }) => value.at < now - retentionMs)
  for (const { key } of doomed) records.removeSync(key)
  return doomed.length === recordsMax
}

const dropClosedTimes = (
  records: Records,
  from: number,
  { now, newestClosed }: Sweep,
): Readonly<{ swept: number; more: boolean }> => {
  let swept = from
  let seen = 0
  for (const { key, value } of [
    ...records.getRange({ start: from, end: newestClosed, limit: recordsMax }),
  ]) {
    if (value.at >= now - closedTimeAgeMs) break
    if (isClosedTime(value)) records.removeSync(key)
    swept = (key as number) + 1
    seen += 1
  }
  return { swept, more: seen === recordsMax }
}

/**
 * Deletes from `auth.revocations`, within a write transaction, closed times older than a minute and
 * records older than the longest retention asked for; at most 500 of each, `more` says that it
 * stopped there. Nothing at or above the newest closed time goes: a reader that starts finds it,
 * and the log's end and its newest revocations stay where the store's tick knows them.
 */
export const sweepRevocations = (
  records: Records,
  state: TopicState,
  now: EpochMs,
  retentionMs: number,
): Readonly<{ state: TopicState; more: boolean }> => {
  const longestMs = Math.max(state.retentionMs ?? 0, retentionMs)
  if (state.closed === null) return { state: { ...state, retentionMs: longestMs }, more: false }
  const sweep = { now, retentionMs: longestMs, newestClosed: state.closed }
  const moreExpired = dropExpired(records, sweep)
  const { swept, more } = dropClosedTimes(records, state.swept, sweep)
  const after = { ...state, swept, retentionMs: longestMs }
  return { state: after, more: more || moreExpired }
}
