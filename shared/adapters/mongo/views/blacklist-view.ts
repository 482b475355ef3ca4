import type { Collection } from 'mongodb'
import { hashEntries, mergeEntry } from '../../../events/blacklist-entries.ts'
import type { Topic } from '../../../events/log-record.ts'
import type { LogId } from '../../../kernel/ids.ts'
import type {
  BlacklistView,
  Checkpoint,
  Fence,
  ViewBatch,
  ViewClosed,
  ViewEntry,
} from '../../../ports/blacklist-view.ts'
import { longWorkMs, type MongoConnection, type StoreCall } from '../connection/mongo-connection.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'
import { BulkWrites } from '../documents/bulk-writes.ts'
import { retryingUpsert, updateOrInsert } from '../documents/upsert.ts'
import { indexedCalls } from '../indexes/indexes.ts'
import {
  type ClosedDocument,
  closedUpdate,
  documentOf,
  type EntryDocument,
  entryOf,
  mergeUpdate,
} from './blacklist-entry-update.ts'

type CheckpointDocument = {
  /** `topic/partition`. */
  _id: string
  topic: Topic
  fence: number
  next: number
  began?: number
  logId: LogId | null
}
type Collections = Readonly<{
  entries: Collection<EntryDocument>
  closedTime: Collection<ClosedDocument>
  checkpoints: Collection<CheckpointDocument>
}>

const checkpointId = (topic: Topic, partition: number): string => `${topic}/${partition}`

/** One update a key: the same key twice in one unordered request would race with itself. */
const folded = (entries: readonly ViewEntry[]): readonly ViewEntry[] => {
  const byKey = new Map<string, ViewEntry>()
  for (const entry of entries) {
    const kept = byKey.get(entry.key)
    byKey.set(entry.key, kept ? mergeEntry(kept, entry) : entry)
  }
  return [...byKey.values()]
}

/** Nearly every key is told of once: a token ends but once, and a batch is seldom repeated. */
const writeEntries = async (bulk: BulkWrites<EntryDocument>, batch: ViewBatch): Promise<void> => {
  const writes = folded(batch.entries).map((entry) => ({
    document: documentOf(entry),
    otherwise: {
      updateOne: { filter: { _id: entry.key }, update: mergeUpdate(entry), upsert: true },
    },
  }))
  await bulk.insertOrWrite(writes)
}

type OwnFence = Readonly<{ _id: string; fence: number }>

const writeClosed = async (
  { checkpoints, closedTime }: Collections,
  mine: OwnFence,
  closed: ViewClosed,
): Promise<'written' | 'fenced'> => {
  // Content of a reader that lost its fence does no harm; its closed time would vouch for content
  // that was forgotten since.
  if (!(await checkpoints.findOne(mine))) return 'fenced'
  await retryingUpsert(() =>
    closedTime.updateOne({ _id: 'closed' }, closedUpdate(closed), { upsert: true }),
  )
  return 'written'
}

type Known = Readonly<{ logId?: LogId; began?: number }>

/** What a batch says of the log, if anything: MongoDB refuses an empty `$set`. */
const knownOf = ({ began }: Checkpoint, logId: LogId | null): Known | null =>
  logId === null && began === undefined
    ? null
    : { ...(logId === null ? {} : { logId }), ...(began === undefined ? {} : { began }) }

const fenceOf = (
  topic: Topic,
  partition: number,
  { fence, next, began, logId }: Pick<CheckpointDocument, 'fence' | 'next' | 'began' | 'logId'>,
): Fence => ({ topic, partition, fence, next, ...(began === undefined ? {} : { began }), logId })

const apply = async (
  parts: Collections,
  { call, bulk }: Readonly<{ call: StoreCall; bulk: BulkWrites<EntryDocument> }>,
  batch: ViewBatch,
): Promise<'applied' | 'fenced'> => {
  const { closed, checkpoint, fence, logId } = batch
  const mine = { _id: checkpointId(checkpoint.topic, checkpoint.partition), fence }
  const known = knownOf(checkpoint, logId)
  await writeEntries(bulk, batch)
  if (closed && (await call(() => writeClosed(parts, mine, closed))) === 'fenced') return 'fenced'
  const moved = await call(() =>
    parts.checkpoints.updateOne(mine, {
      // A batch that is repeated late must not take the checkpoint back.
      $max: { next: checkpoint.next },
      ...(known === null ? {} : { $set: known }),
    }),
  )
  return moved.matchedCount === 0 ? 'fenced' : 'applied'
}

/**
 * First what vouches for content, then where to go on, the content last: a crash between leaves too
 * much in the view, never too little. The fence moves on, so a reader from before cannot bring the
 * old checkpoint back.
 */
const forget = async (parts: Collections, topic: Topic): Promise<void> => {
  const ofRevocations = topic === 'auth.revocations'
  if (ofRevocations) await parts.closedTime.deleteOne({ _id: 'closed' })
  await parts.checkpoints.updateMany(
    { topic },
    { $set: { next: 0, logId: null }, $unset: { began: '' }, $inc: { fence: 1 } },
  )
  if (topic === 'auth.deadletters') return // No entry comes from there.
  await parts.entries.deleteMany({
    expiresAt: { $exists: true },
    position: ofRevocations ? { $ne: null } : null,
  })
}

const collectionsOf = ({ db }: MongoConnection): Collections => ({
  entries: db.collection<EntryDocument>('blacklist'),
  closedTime: db.collection<ClosedDocument>('blacklist'),
  checkpoints: db.collection<CheckpointDocument>('projector'),
})

/**
 * The blacklist view as the MongoDB collection `blacklist`: one document a key, and `closed`. The
 * checkpoints lie in `projector`. One batch costs one bulk write and one or three small ones.
 * `contentHash` reads all of it into memory. A TTL index deletes an hour after `expiresAt`, so
 * `sweep` has nothing to do.
 */
export const mongoBlacklistView = (connection: MongoConnection): BlacklistView => {
  const parts = collectionsOf(connection)
  const { call } = indexedCalls(connection, 'blacklist')
  const bulk = new BulkWrites(parts.entries, call)
  return {
    takeFence: (topic, partition) =>
      call(async () => {
        const taken = await updateOrInsert(parts.checkpoints, {
          id: checkpointId(topic, partition),
          seed: { topic, fence: 0, next: 0, logId: null },
          update: { $inc: { fence: 1 } },
        })
        return fenceOf(topic, partition, taken)
      }),

    heldFence: (topic, partition) =>
      call(async () => {
        const held = await parts.checkpoints.findOne({ _id: checkpointId(topic, partition) })
        return fenceOf(topic, partition, held ?? { fence: 0, next: 0, logId: null })
      }),

    apply: (batch) => apply(parts, { call, bulk }, batch),

    find: (keys) =>
      call(async () => {
        const found = await parts.entries.find({ _id: { $in: [...keys] } }).toArray()
        return found.map(entryOf)
      }),

    closed: () =>
      call(async () => {
        const found = await parts.closedTime.findOne({ _id: 'closed' })
        return found && { t: epochOf(found.t), logId: found.logId, position: found.position }
      }),

    contentHash: (at) =>
      call(async () => {
        const live = await parts.entries.find({ expiresAt: { $gt: dateOf(at) } }).toArray()
        return hashEntries(live.map(entryOf))
      }, longWorkMs),

    count: (at) => call(() => parts.entries.countDocuments({ expiresAt: { $gt: dateOf(at) } })),
    forget: (topic) => call(() => forget(parts, topic), longWorkMs),
    sweep: async () => 0,
    close: async () => {},
  }
}
