import { setImmediate } from 'node:timers/promises'
import type { Key } from 'lmdb'
import { isInScope, liveSessionOf } from '../../../events/live-session.ts'
import type { StreamId } from '../../../kernel/ids.ts'
import type { EventStore } from '../../../ports/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import { type CommitDatabases, newestOf } from './commit-databases.ts'

const pageSize = 250
/** Streams of sessions, and behind all of them. */
const [first, behind] = ['s/', 's0'] as const

/** Those whose heads are among the keys, where commits and states lie beside them. */
const streamsIn = (keys: Iterable<Key>, limit: number): readonly StreamId[] => {
  const streams: StreamId[] = []
  for (const key of keys) {
    if (typeof key !== 'string') continue
    streams.push(key as StreamId)
    if (streams.length === limit) break
  }
  return streams
}

/** One page of streams a snapshot; in between, the process does what else there is to do. */
export const liveSessionsIn = (
  env: LmdbEnvironment,
  dbs: CommitDatabases,
): EventStore['liveSessions'] =>
  async function* (whose, at) {
    for (let start: string | null = first; start !== null; ) {
      const from: string = start
      const { last, found } = await env.read(() => {
        const range = { start: from, end: behind, exclusiveStart: true }
        const streams = streamsIn(dbs.heads.getKeys(range), pageSize)
        const sessions = streams.map((stream) => newestOf(dbs, stream)?.session)
        const wanted = sessions.filter((session) => session && isInScope(session, whose))
        return {
          last: streams.length < pageSize ? null : (streams.at(-1) ?? null),
          found: wanted.flatMap((session) => liveSessionOf(session, at)),
        }
      })
      yield found
      start = last
      await setImmediate()
    }
  }
