import type { Database, Key } from 'lmdb'
import type { KeyOwner } from '../../../events/personal-fields.ts'
import type { Erasure, PersonalKeys } from '../../../ports/personal-keys.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type Databases = Readonly<{
  keys: Database<string, Key>
  erased: Database<Erasure, Key>
  /** Owners whose erasure is open. */
  open: Database<true, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  keys: env.database('personal.keys'),
  erased: env.database('personal.erased'),
  open: env.index('personal.open'),
})

export const personalWrites = lmdbWrites('personal', open, {
  obtain: (dbs, owner: KeyOwner, made: string): string | null => {
    if (dbs.erased.get(owner)) return null
    const found = dbs.keys.get(owner)
    if (found === undefined) dbs.keys.putSync(owner, made)
    return found ?? made
  },
  erase: (dbs, erasure: Erasure): 'erased' | 'before' => {
    const { owner } = erasure
    if (dbs.erased.get(owner)) return 'before'
    dbs.keys.removeSync(owner)
    dbs.erased.putSync(owner, erasure)
    if (erasure.open) dbs.open.putSync(owner, true)
    return 'erased'
  },
  settle: (dbs, owner: KeyOwner): void => {
    const erasure = dbs.erased.get(owner)
    if (!erasure?.open) return
    dbs.erased.putSync(owner, { ...erasure, open: false })
    dbs.open.removeSync(owner)
  },
  dropDays: (dbs, day: string): number => {
    const old = [...dbs.keys.getKeys({ start: 'day:', end: `day:${day}` })]
    for (const owner of old) dbs.keys.removeSync(owner)
    return old.length
  },
})

/**
 * The keys of persons of one machine. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbPersonalKeys = (env: LmdbEnvironment): PersonalKeys => {
  const { dbs, write } = env.use(personalWrites)
  return {
    ...write,
    find: (owners) => env.read(() => owners.map((owner) => dbs.keys.get(owner) ?? null)),
    erasure: (owner) => env.read(() => dbs.erased.get(owner) ?? null),
    openErasures: (limit) =>
      env.read(() => [...dbs.open.getKeys({ limit })].flatMap((key) => dbs.erased.get(key) ?? [])),
    close: async () => {},
  }
}
