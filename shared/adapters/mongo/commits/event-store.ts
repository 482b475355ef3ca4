import type { AnyBulkWriteOperation, Collection, Filter } from 'mongodb'
import type { Commit, CommitId, Published } from '../../../events/commit.ts'
import { SingleFlight } from '../../../kernel/concurrency/single-flight.ts'
import type { StreamId } from '../../../kernel/ids.ts'
import type { EventStore } from '../../../ports/event-store.ts'
import type { MongoConnection, StoreCall } from '../connection/mongo-connection.ts'
import { isDuplicateKey, unavailable } from '../connection/mongo-errors.ts'
import { dateOf } from '../documents/bson-time.ts'
import { BulkWrites } from '../documents/bulk-writes.ts'
import {
  type CommitDocument,
  commitDocument,
  commitOf,
  documentId,
  exactly,
  isPublished,
  streamFrom,
} from '../documents/commit-document.ts'
import { retryingUpsert } from '../documents/upsert.ts'
import { indexedCalls } from '../indexes/indexes.ts'
import { listMethods } from './commit-lists.ts'
import { liveSessionsIn } from './live-sessions.ts'
import { type CommitCalls, relayMethods } from './relay-scan.ts'
import { tickMethods } from './store-tick.ts'

export type ReadHead = (stream: StreamId) => Promise<Commit | null>

/**
 * One read of a stream's newest commit at a time, however many callers ask. A caller that asks
 * while one is under way shares the next one. That read begins after the question, so it sees all
 * that was acknowledged before it. Every request reads the cutoffs of everyone and of its client;
 * without this each is a round trip of its own. Price: a question may wait for the rest of the read
 * before its own. A read that fails fails for all who shared it.
 */
export const coalescedHeadReads = (read: ReadHead): ReadHead => {
  const runs = new Map<StreamId, SingleFlight<Commit | null>>()
  return async (stream) => {
    const run = runs.get(stream) ?? new SingleFlight(() => read(stream))
    runs.set(stream, run)
    try {
      return await run.runAfresh()
    } finally {
      if (run.isIdle && runs.get(stream) === run) runs.delete(stream)
    }
  }
}

type Commits = Collection<CommitDocument>

const readNewest = async (commits: Commits, stream: StreamId): Promise<Commit | null> => {
  const found = await commits.findOne(streamFrom(stream, 0), { sort: { '_id.v': -1 } })
  return found && commitOf(found)
}

const readMethods = (
  commits: Commits,
  call: StoreCall,
  newestOf: ReadHead,
): Pick<EventStore, 'heads' | 'read' | 'unpublishedOthers' | 'revocationsAfter'> => ({
  heads: (streams) => call(() => Promise.all(streams.map(newestOf))),

  read: (stream, from, limit) =>
    call(async () => {
      if (limit <= 0) return [] // MongoDB takes a limit of 0 as none.
      const found = commits.find(streamFrom(stream, from)).sort({ '_id.v': 1 }).limit(limit)
      return (await found.toArray()).map(commitOf)
    }),

  unpublishedOthers: (before, limit) =>
    call(async () => {
      if (limit <= 0) return []
      const found = commits
        .find({ unpublished: 'o', at: { $lt: dateOf(before) } })
        .sort({ at: 1, _id: 1 })
        .limit(limit)
      return (await found.toArray()).map(commitOf)
    }),

  revocationsAfter: (after, at, limit) =>
    call(async () => {
      if (limit <= 0) return []
      const found = commits
        .find({
          kind: 'r',
          ...(after ? { _id: { $gt: documentId(after) } } : {}),
          expiresAt: { $not: { $lte: dateOf(at) } }, // Also where there is none: kept for ever.
        })
        .sort({ _id: 1 })
        .limit(limit)
      return (await found.toArray()).map(commitOf)
    }),
})

type Write = AnyBulkWriteOperation<CommitDocument>

const unlessFurther = ({ logId, offset }: Published): Filter<CommitDocument> =>
  offset === null
    ? {}
    : { $nor: [{ 'published.logId': logId, 'published.offset': { $gt: offset } }] }

// A mark that comes late must not move a commit back under the eyes of a scan.
const marking = (published: Published, id: CommitId): Write => ({
  updateOne: {
    filter: { ...exactly(id), ...unlessFurther(published) },
    update: { $set: { published }, $unset: { unpublished: '' } },
  },
})

// Only of sessions: in other streams an old commit may hold the cutoff that is still in force.
const superseding = ({ s, v }: CommitId): Write[] =>
  s.startsWith('s/') && v >= 2
    ? [
        {
          updateOne: {
            filter: exactly({ s, v: v - 2 }),
            update: { $set: { superseded: true } },
          },
        },
      ]
    : []

const prunable = async (
  commits: Commits,
  ...[at, before, limit]: Parameters<EventStore['prune']>
): Promise<readonly CommitId[]> => {
  const page = async (filter: Filter<CommitDocument>, size: number): Promise<CommitId[]> => {
    if (size <= 0) return []
    const found = commits.find(filter, { projection: { _id: 1 } }).limit(size)
    return (await found.toArray()).map(({ _id }) => _id)
  }
  const older = { superseded: true as const, at: { $lt: dateOf(before) }, ...isPublished }
  const ids: CommitId[] = []
  // One by one, so that each is a range of an index: commits with a living token are many.
  for (const filter of [
    { ...older, 'listed.until': null },
    { ...older, 'listed.until': { $lte: dateOf(at) } },
    { expiresAt: { $lte: dateOf(at) }, ...isPublished },
  ]) {
    ids.push(...(await page(filter, limit - ids.length)))
  }
  return ids
}

const markMethods = (
  commits: Commits,
  { call, bulk }: CommitCalls,
): Pick<EventStore, 'markPublished' | 'prune'> => ({
  markPublished: async (logId, marks) => {
    const updates = marks.flatMap(({ id, offset }) => [
      marking({ logId, offset }, id),
      ...superseding(id),
    ])
    await bulk.write(updates)
  },

  prune: async (at, before, limit) => {
    const ids = await call(() => prunable(commits, at, before, limit))
    const deletions = ids.map((id) => ({ deleteOne: { filter: exactly(id) } }))
    return bulk.write(deletions)
  },
})

type Agreed = { _id: string; value: string }

/**
 * The event store in MongoDB: collection `commits` (one document a commit, see `CommitDocument`),
 * `relay` (the tick) and `agreed`. It needs neither clock nor dice: the server's clock decides, and
 * the caller draws the claims.
 * - An append is one majority insert; a head is one read of the `_id` index, shared by all who
 *   asked before it began, and `heads` reads them side by side.
 * - Published commits are deleted by a TTL index at `expiresAt` also without `prune`.
 * - `prune` learns that a commit is older than the newest two when the newer ones are marked as
 *   published; where a crash loses that note, the commit stays until `expiresAt`.
 */
export const mongoEventStore = (connection: MongoConnection): EventStore => {
  const commits = connection.db.collection<CommitDocument>('commits')
  const agreed = connection.db.collection<Agreed>('agreed')
  const { call } = indexedCalls(connection, 'commits')
  const calls = { call, bulk: new BulkWrites(commits, call) }
  // Each read has the time of a call: one that hangs must not hold up the next for longer.
  const newestOf = coalescedHeadReads((stream) => call(() => readNewest(commits, stream)))
  return {
    ...readMethods(commits, call, newestOf),
    ...markMethods(commits, calls),
    ...listMethods(commits, call),
    liveSessions: liveSessionsIn(commits, call),
    ...tickMethods(connection),

    append: (commit) =>
      call(async () => {
        try {
          await commits.insertOne(commitDocument(commit))
          return { outcome: 'appended' }
        } catch (error) {
          if (!isDuplicateKey(error)) throw error
          return { outcome: 'conflict', newest: await newestOf(commit.id.s) }
        }
      }),

    ...relayMethods(connection, commits, calls),

    agree: (name, value, instead) =>
      call(async () => {
        if (instead !== undefined) {
          await agreed.updateOne({ _id: name, value: instead }, { $set: { value } })
        }
        await retryingUpsert(() =>
          agreed.updateOne({ _id: name }, { $setOnInsert: { value } }, { upsert: true }),
        )
        const kept = await agreed.findOne({ _id: name })
        if (!kept) throw unavailable('the agreed value is gone')
        return kept.value
      }),

    close: async () => {},
  }
}
