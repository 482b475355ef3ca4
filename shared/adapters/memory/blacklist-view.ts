import { hashEntries, mergeEntry } from '../../events/blacklist-entries.ts'
import type { Topic } from '../../events/log-record.ts'
import type { EpochMs, RevocationKey } from '../../kernel/ids.ts'
import type {
  BlacklistView,
  Fence,
  ViewBatch,
  ViewClosed,
  ViewEntry,
} from '../../ports/blacklist-view.ts'
import { deepFreeze } from './deep-freeze.ts'

const forgotten = ({ topic, partition, fence }: Fence): Fence => ({
  topic,
  partition,
  fence: fence + 1,
  next: 0,
  logId: null,
})

// A batch that is repeated late must not take the checkpoint back.
const movedOn = (held: Fence, { checkpoint: { next, began }, logId }: ViewBatch): Fence => ({
  ...held,
  next: Math.max(held.next, next),
  ...(began === undefined ? {} : { began }),
  logId: logId ?? held.logId,
})

/** The executable model of a blacklist view. Nothing survives the process. */
export const openMemoryBlacklistView = (): BlacklistView => {
  const entries = new Map<RevocationKey, ViewEntry>()
  const fences = new Map<string, Fence>()
  let closed: ViewClosed | null = null

  const fenceOf = (topic: Topic, partition: number): Fence =>
    fences.get(`${topic}/${partition}`) ?? { topic, partition, fence: 0, next: 0, logId: null }
  const setFence = (fence: Fence): void => {
    fences.set(`${fence.topic}/${fence.partition}`, fence)
  }
  const alive = (at: EpochMs): ViewEntry[] =>
    [...entries.values()].filter(({ expiresAt }) => expiresAt > at)

  return {
    takeFence: async (topic, partition) => {
      const before = fenceOf(topic, partition)
      const taken = { ...before, fence: before.fence + 1 }
      setFence(taken)
      return taken
    },
    heldFence: async (topic, partition) => fenceOf(topic, partition),
    apply: async (batch) => {
      const { topic, partition } = batch.checkpoint
      const held = fenceOf(topic, partition)
      if (held.fence !== batch.fence) return 'fenced'
      for (const entry of batch.entries) {
        const kept = entries.get(entry.key)
        entries.set(entry.key, deepFreeze(kept ? mergeEntry(kept, entry) : entry))
      }
      const come = batch.closed
      // Closed times of two gateways may cross; another log's count anew.
      if (come && (closed === null || come.logId !== closed.logId || come.t > closed.t)) {
        closed = deepFreeze(come)
      }
      setFence(movedOn(held, batch))
      return 'applied'
    },
    find: async (keys) =>
      keys.flatMap((key) => {
        const entry = entries.get(key)
        return entry ? [entry] : []
      }),
    closed: async () => closed,
    contentHash: async (at) => hashEntries(alive(at)),
    count: async (at) => alive(at).length,
    forget: async (topic) => {
      const revocations = topic === 'auth.revocations'
      for (const { key, position } of [...entries.values()]) {
        if (topic !== 'auth.deadletters' && (position !== null) === revocations) entries.delete(key)
      }
      if (revocations) closed = null
      // The number goes on: who still holds a fence must not write the old checkpoint back.
      for (const held of [...fences.values()]) {
        if (held.topic === topic) setFence(forgotten(held))
      }
    },
    sweep: async (at, limit) => {
      const doomed = [...entries.values()]
        .filter(({ expiresAt }) => expiresAt <= at)
        .slice(0, limit)
      for (const { key } of doomed) entries.delete(key)
      return doomed.length
    },
    close: async () => {},
  }
}
