import type { EventStore } from '../../../ports/event-store.ts'
import { insertionOf } from '../commits/commit-writes.ts'
import { lmdbEventStore } from '../commits/event-store.ts'
import type { LmdbEnvironment } from '../environment/lmdb-environment.ts'
import type { LmdbEventLog } from '../log/event-log.ts'
import { preparedRecord } from '../log/log-writes.ts'
import { jointWrites } from './joint-writes.ts'

/**
 * The event store of one machine that also tells the log of an append, in the same transaction: one
 * fsync where appending, publishing and marking took three. `logs` are those of this process; their
 * followers hear of it at once.
 */
export const jointEventStore = (
  env: LmdbEnvironment,
  logs: () => readonly LmdbEventLog[],
): EventStore => {
  const store = lmdbEventStore(env)
  const { write } = env.use(jointWrites)
  return {
    ...store,
    append: async (commit, telling) => {
      if (!telling) return store.append(commit)
      const { records } = telling
      const prepared = { ...telling, records: records.map(preparedRecord) }
      const answer = await write.append(insertionOf(commit), prepared, env.clock.now())
      if (answer.outcome !== 'appended' || !answer.told) return answer
      for (const log of logs()) log.noticed(records, answer.told)
      return answer
    },
  }
}
