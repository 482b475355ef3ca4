import type { Filter } from 'mongodb'
import { mergedSessions, type SessionEntry } from '../../../events/session-entry.ts'
import type { SubjectId } from '../../../kernel/ids.ts'
import type { SessionCursor, SessionList } from '../../../ports/session-list.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { dateOf } from '../documents/bson-time.ts'
import { BulkWrites } from '../documents/bulk-writes.ts'
import { indexedCalls } from '../indexes/indexes.ts'
import { documentOf, entryOf, type SessionDocument, sessionUpdate } from './session-update.ts'

const olderThan = (sub: SubjectId, after: SessionCursor | null): Filter<SessionDocument> => {
  if (!after) return { sub, first: { $ne: null } }
  const at = dateOf(after.at)
  return { sub, $or: [{ 'first.at': { $lt: at } }, { 'first.at': at, _id: { $lt: after.sid } }] }
}

const begins = ({ entry: { first } }: Readonly<{ entry: SessionEntry }>): boolean =>
  first?.version === 0

/**
 * The session list as the MongoDB collection `sessions`: one document a session. A batch is one
 * bulk write; a page is one read of the index. A TTL index deletes at `keepUntil`, so `sweep` has
 * nothing to do.
 */
export const mongoSessionList = (connection: MongoConnection): SessionList => {
  const sessions = connection.db.collection<SessionDocument>('sessions')
  const { call } = indexedCalls(connection, 'sessions')
  const bulk = new BulkWrites(sessions, call)
  return {
    fold: async (entries) => {
      // One update a session: the same one twice in an unordered request would race with itself.
      const writes = mergedSessions(entries).map((entry) => ({
        entry,
        document: documentOf(entry),
        otherwise: {
          updateOne: { filter: { _id: entry.sid }, update: sessionUpdate(entry), upsert: true },
        },
      }))
      // Of a session that begins, nothing was told before.
      const [begun, known] = [writes.filter(begins), writes.filter((one) => !begins(one))]
      await bulk.insertOrWrite(begun)
      await bulk.write(known.map(({ otherwise }) => otherwise))
    },
    page: (sub, after, limit) =>
      call(async () => {
        if (limit <= 0) return [] // MongoDB takes a limit of 0 as none.
        const found = sessions
          .find(olderThan(sub, after))
          .sort({ 'first.at': -1, _id: -1 })
          .limit(limit)
        return (await found.toArray()).map(entryOf)
      }),
    sweep: async () => 0,
    close: async () => {},
  }
}
