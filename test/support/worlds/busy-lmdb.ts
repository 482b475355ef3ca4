import { lmdbEventStore } from '../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { systemClock as clock } from '../../../shared/kernel/clock.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import { aRevocationCommit } from '../fakes/builders.ts'
import { byThread } from './lmdb-writers.ts'

/**
 * `busy-lmdb.ts FOLDER exit|throw MS`, a process of its own: its thread writes without a pause
 * until the process ends, after so many ms.
 */
const [path = '', how, ms] = process.argv.slice(2)
const env = await openLmdb({ path, clock, logger, ...byThread })
const store = lmdbEventStore(env)
const append = async (): Promise<void> => {
  for (;;) await store.append(aRevocationCommit())
}
for (let callers = 0; callers < 64; callers += 1) append().catch(() => {})
setTimeout(() => {
  if (how === 'throw') throw new Error('nobody catches this')
  process.exit(3)
}, Number(ms))
