import type { Database, Key } from 'lmdb'
import type { CommitId, Published } from '../../../events/commit.ts'
import type { EpochMs, LogId, StreamId } from '../../../kernel/ids.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'

/** Where a revocation lies in the log, and until when it must be remembered. */
export type PublishedRevocation = Readonly<{
  id: CommitId
  logId: LogId
  offset: number
  until: EpochMs
}>

/**
 * `[logId, offset, stream, version]` of revocations that were told, with until when they are in
 * force: what lies lowest is read first. Those that are over go when they come to lie lowest.
 */
export type PublishedRevocations = Readonly<{
  /** Within a write transaction; `null` = it lay, or lies, nowhere. */
  move(id: CommitId, until: EpochMs, before: Published | null, now: Published | null): void
  /** Within a write transaction: drops those that are over and lie lowest in their log. */
  drop(logId: LogId, at: EpochMs): void
  /** Those in force at `at` of other logs than `logId`, and of it those below `offset`. */
  outside(logId: LogId, offset: number, at: EpochMs): Iterable<PublishedRevocation>
  /** Those in force at `at` of one log from `from` up, lowest first. */
  inside(logId: LogId, from: number, at: EpochMs): Iterable<PublishedRevocation>
  /** Within a write transaction: what was told by a version that kept no list; once a process. */
  fillOnce(told: () => Iterable<PublishedRevocation>): void
}>

type Place = Pick<PublishedRevocation, 'logId' | 'offset'>

const placeOf = (published: Published | null): Place | null => {
  const { logId, offset } = published ?? {}
  return logId === undefined || typeof offset !== 'number' ? null : { logId, offset }
}

type Range = Readonly<{ start?: Key; end?: Key }>

const droppedAtOnce = 500
const keyOf = ({ s, v }: CommitId, { logId, offset }: Place): Key => [logId, offset, s, v]
const rangeOf = (logId: LogId, from: number, to: number): Range => ({
  start: [logId, from],
  end: [logId, to],
})
const behind = (logId: LogId): Range => ({ start: [logId, Number.MAX_VALUE] })

const toldIn = (key: Key, until: EpochMs): PublishedRevocation => {
  const [logId, offset, s, v] = key as [LogId, number, StreamId, number]
  return { id: { s, v }, logId, offset, until }
}

export const openPublishedRevocations = (env: LmdbEnvironment): PublishedRevocations => {
  const places: Database<EpochMs, Key> = env.database('commits.told')
  let isFilled = false
  const put = ({ id, logId, offset, until }: PublishedRevocation): void =>
    void places.putSync(keyOf(id, { logId, offset }), until)
  const inRange = function* (range: Range, at: EpochMs): Generator<PublishedRevocation> {
    for (const { key, value } of places.getRange(range)) if (value > at) yield toldIn(key, value)
  }
  const dropIn = (range: Range, at: EpochMs): void => {
    const over: Key[] = []
    for (const { key, value } of places.getRange({ ...range, limit: droppedAtOnce })) {
      if (value > at) break
      over.push(key)
    }
    for (const key of over) places.removeSync(key)
  }
  return {
    move: (id, until, before, now) => {
      const [from, to] = [placeOf(before), placeOf(now)]
      if (from) places.removeSync(keyOf(id, from))
      if (to) put({ id, ...to, until })
    },
    drop: (logId, at) => {
      for (const range of [{ end: [logId] }, rangeOf(logId, 0, Number.MAX_VALUE), behind(logId)]) {
        dropIn(range, at)
      }
    },
    outside: function* (logId, offset, at) {
      yield* inRange({ end: [logId] }, at)
      yield* inRange(rangeOf(logId, 0, offset), at)
      yield* inRange(behind(logId), at)
    },
    inside: (logId, from, at) => inRange(rangeOf(logId, from, Number.MAX_VALUE), at),
    fillOnce: (told) => {
      if (isFilled) return
      for (const one of told()) put(one)
      isFilled = true
    },
  }
}
