import type { Database, Key } from 'lmdb'
import { hashEntries, mergeEntry } from '../../../events/blacklist-entries.ts'
import type { Topic } from '../../../events/log-record.ts'
import type { EpochMs, RevocationKey } from '../../../kernel/ids.ts'
import type {
  BlacklistView,
  Fence,
  ViewBatch,
  ViewClosed,
  ViewEntry,
} from '../../../ports/blacklist-view.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

type Databases = Readonly<{
  entries: Database<ViewEntry, Key>
  /** `[expiresAt, key]`: what `sweep` and `count` look at. */
  expiring: Database<true, Key>
  /** `[topic, partition]` */
  fences: Database<Fence, Key>
  closed: Database<ViewClosed, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  entries: env.database('view'),
  expiring: env.index('view.expiring'),
  fences: env.database('view.fences'),
  closed: env.database('view.closed'),
})

const fenceOf = ({ fences }: Databases, topic: Topic, partition: number): Fence =>
  fences.get([topic, partition]) ?? { topic, partition, fence: 0, next: 0, logId: null }

const setFence = ({ fences }: Databases, fence: Fence): Fence => {
  fences.putSync([fence.topic, fence.partition], fence)
  return fence
}

const remove = ({ entries, expiring }: Databases, { key, expiresAt }: ViewEntry): void => {
  entries.removeSync(key)
  expiring.removeSync([expiresAt, key])
}

const merge = ({ entries, expiring }: Databases, incoming: ViewEntry): void => {
  const existing = entries.get(incoming.key)
  const merged = existing ? mergeEntry(existing, incoming) : incoming
  if (existing && existing.expiresAt !== merged.expiresAt)
    expiring.removeSync([existing.expiresAt, existing.key])
  entries.putSync(merged.key, merged)
  expiring.putSync([merged.expiresAt, merged.key], true)
}

const apply = (dbs: Databases, batch: ViewBatch): 'applied' | 'fenced' => {
  const { topic, partition, next, began } = batch.checkpoint
  const held = fenceOf(dbs, topic, partition)
  if (held.fence !== batch.fence) return 'fenced'
  for (const entry of batch.entries) merge(dbs, entry)
  const before = dbs.closed.get('closed')
  const incoming = batch.closed
  // Closed times of two gateways may cross; another log's count anew.
  if (incoming && (!before || incoming.logId !== before.logId || incoming.t > before.t)) {
    dbs.closed.putSync('closed', incoming)
  }
  // A batch that is repeated late must not take the checkpoint back.
  setFence(dbs, {
    ...held,
    next: Math.max(held.next, next),
    ...(began === undefined ? {} : { began }),
    logId: batch.logId ?? held.logId,
  })
  return 'applied'
}

const forget = (dbs: Databases, topic: Topic): void => {
  const revocations = topic === 'auth.revocations'
  for (const { value } of topic === 'auth.deadletters' ? [] : [...dbs.entries.getRange()]) {
    if ((value.position !== null) === revocations) remove(dbs, value)
  }
  if (revocations) dbs.closed.removeSync('closed')
  // The number goes on: who still holds a fence must not write the old checkpoint back.
  for (const { value } of [...dbs.fences.getRange({ start: [topic], end: [topic, Infinity] })]) {
    const { began: _began, ...held } = value
    setFence(dbs, { ...held, fence: held.fence + 1, next: 0, logId: null })
  }
}

export const viewWrites = lmdbWrites('view', open, {
  takeFence: (dbs, topic: Topic, partition: number): Fence => {
    const before = fenceOf(dbs, topic, partition)
    return setFence(dbs, { ...before, fence: before.fence + 1 })
  },
  apply,
  forget,
  sweep: (dbs, at: EpochMs, limit: number): number => {
    const doomed = [...dbs.expiring.getKeys({ end: [at + 1], limit })]
    for (const expiring of doomed) {
      const [expiresAt, key] = expiring as [ViewEntry['expiresAt'], RevocationKey]
      dbs.entries.removeSync(key)
      dbs.expiring.removeSync([expiresAt, key])
    }
    return doomed.length
  },
})

/**
 * The blacklist view of one machine. A batch is one transaction: content, closed time and
 * checkpoint are there together or not at all. `forget` and `contentHash` hold the whole view in
 * memory. Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbBlacklistView = (env: LmdbEnvironment): BlacklistView => {
  const { dbs, write } = env.use(viewWrites)
  const found = (key: RevocationKey): ViewEntry[] => {
    const entry = dbs.entries.get(key)
    return entry ? [entry] : []
  }
  return {
    ...write,
    heldFence: (topic, partition) => env.read(() => fenceOf(dbs, topic, partition)),
    find: (keys) => env.read(() => keys.flatMap(found)),
    closed: () => env.read(() => dbs.closed.get('closed') ?? null),
    contentHash: (at) =>
      env.read(() => {
        const all = Array.from(dbs.entries.getRange(), ({ value }) => value)
        return hashEntries(all.filter(({ expiresAt }) => expiresAt > at))
      }),
    count: (at) => env.read(() => dbs.expiring.getKeysCount({ start: [at + 1] })),
    close: async () => {},
  }
}
