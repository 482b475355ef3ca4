import type { Database, Key } from 'lmdb'
import type { LogRecord, Topic } from '../../../events/log-record.ts'
import type { EpochMs } from '../../../kernel/ids.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'
import {
  emptyTopic,
  isClosedTime,
  type StoredRecord,
  sweepRevocations,
  type TopicState,
} from './log-retention.ts'

export type LogDatabases = Readonly<{
  topics: Readonly<Record<Topic, Database<StoredRecord, Key>>>
  /** The same databases, for writing. */
  texts: Readonly<Record<Topic, Database<string, Key>>>
  states: Database<TopicState, Key>
}>

/**
 * A record before it has its instant: its topic, the JSON of a `StoredRecord` up to the value of
 * `at`, and whether it is a closed time.
 */
export type PreparedRecord = readonly [topic: Topic, text: string, closes: boolean]

export const preparedRecord = ({ topic, key, headers, value }: LogRecord): PreparedRecord => {
  const text = JSON.stringify({ key, headers, value })
  return [topic, `${text.slice(0, -1)},"at":`, isClosedTime({ headers })]
}

export const openLogDatabases = (env: LmdbEnvironment): LogDatabases => ({
  topics: {
    'auth.events': env.database('log.events'),
    'auth.revocations': env.database('log.revocations'),
    'auth.deadletters': env.database('log.deadletters'),
  },
  texts: {
    'auth.events': env.textDatabase('log.events'),
    'auth.revocations': env.textDatabase('log.revocations'),
    'auth.deadletters': env.textDatabase('log.deadletters'),
  },
  states: env.database('log'),
})

export const stateOf = ({ states }: LogDatabases, topic: Topic): TopicState =>
  states.get(topic) ?? emptyTopic

/**
 * Behind all that is there. LMDB then fills each page before it begins the next, where it would
 * leave room in all of them for what comes in between: a fifth of the file. It writes nothing, and
 * says so, if something is there already.
 */
const append = (texts: Database<string, Key>, offset: number, text: string): void => {
  // The types of lmdb-js know no answer.
  const isWritten: unknown = texts.putSync(offset, text, { append: true })
  if (isWritten !== true) texts.putSync(offset, text)
}

/** Within a write transaction: the offsets of the records. */
export const publishIn = (
  dbs: LogDatabases,
  records: readonly PreparedRecord[],
  now: EpochMs,
): readonly number[] => {
  const states = new Map<Topic, TopicState>()
  const offsets = records.map(([topic, text, closes]) => {
    const state = states.get(topic) ?? stateOf(dbs, topic)
    const at = Math.max(now, state.at) as EpochMs
    append(dbs.texts[topic], state.end, `${text}${at}}`)
    const closed = closes ? state.end : state.closed
    states.set(topic, { ...state, end: state.end + 1, at, closed })
    return state.end
  })
  for (const [topic, state] of states) dbs.states.putSync(topic, state)
  return offsets
}

const swept: Topic = 'auth.revocations'

export const logWrites = lmdbWrites('log', openLogDatabases, {
  /** Before anything is published: a shorter setting later must not delete what this one needs. */
  askForRetention: (dbs, retentionMs: number): void => {
    const state = stateOf(dbs, swept)
    if ((state.retentionMs ?? 0) >= retentionMs) return
    dbs.states.putSync(swept, { ...state, retentionMs })
  },
  publish: publishIn,
  /** Whether there is more to delete. */
  sweep: (dbs, now: EpochMs, retentionMs: number): boolean => {
    const { state, more } = sweepRevocations(
      dbs.topics[swept],
      stateOf(dbs, swept),
      now,
      retentionMs,
    )
    dbs.states.putSync(swept, state)
    return more
  },
})
