import type { Database, Key } from 'lmdb'
import type { WitnessedHead, WitnessedHeads } from '../../../ports/witnessed-heads.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type Heads = Database<WitnessedHead, Key>

export const witnessWrites = lmdbWrites('witness', (env): Heads => env.database('witnessed'), {
  // The write lock is one for all processes, so comparing and replacing are one step.
  advance: (heads, log: string, from: number, next: WitnessedHead): WitnessedHead => {
    const known = heads.get(log)
    if (known && known.size !== from) return known
    if (!known && from !== 0) throw new Error(`nothing of ${log} was cosigned`)
    heads.putSync(log, next)
    return next
  },
})

/** Closing it does nothing; whoever opened `env` closes that. */
export const lmdbWitnessedHeads = (env: LmdbEnvironment): WitnessedHeads => {
  const { dbs: heads, write } = env.use(witnessWrites)
  return {
    ...write,
    latest: (log) => env.read(() => heads.get(log) ?? null),
    close: async () => {},
  }
}
