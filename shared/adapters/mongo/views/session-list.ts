import type { Document, Filter } from 'mongodb'
import {
  mergedSessions,
  type SessionEnd,
  type SessionEntry,
  type SessionUse,
} from '../../../events/session-entry.ts'
import type { SubjectId } from '../../../kernel/ids.ts'
import type { SessionCursor, SessionList } from '../../../ports/session-list.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'
import { BulkWrites } from '../documents/bulk-writes.ts'
import { indexedCalls } from '../indexes/indexes.ts'

type Use = Omit<SessionUse, 'at'> & { at: Date }
type End = Omit<SessionEnd, 'at'> & { at: Date }

/** One document of the collection `sessions`; `_id` is the session's id. */
type SessionDocument = {
  _id: SessionEntry['sid']
  sub: SessionEntry['sub']
  client: SessionEntry['client']
  kind: SessionEntry['kind']
  first: Use | null
  last: Use | null
  expiresAt: Date
  ended: End | null
  keepUntil: Date
}

const useOf = ({ version, at, address, agent, personal }: Use): SessionUse => ({
  version,
  at: epochOf(at),
  address,
  agent,
  ...(personal === undefined ? {} : { personal }),
})

const entryOf = (found: SessionDocument): SessionEntry => ({
  sid: found._id,
  sub: found.sub,
  client: found.client,
  kind: found.kind,
  first: found.first && useOf(found.first),
  last: found.last && useOf(found.last),
  expiresAt: epochOf(found.expiresAt),
  ended: found.ended && {
    version: found.ended.version,
    at: epochOf(found.ended.at),
    reason: found.ended.reason,
  },
  keepUntil: epochOf(found.keepUntil),
})

const storedAt = <T extends { at: SessionUse['at'] }>(told: T): Omit<T, 'at'> & { at: Date } => ({
  ...told,
  at: dateOf(told.at),
})

const documentOf = (entry: SessionEntry): SessionDocument => ({
  _id: entry.sid,
  sub: entry.sub,
  client: entry.client,
  kind: entry.kind,
  first: entry.first && storedAt(entry.first),
  last: entry.last && storedAt(entry.last),
  expiresAt: dateOf(entry.expiresAt),
  ended: entry.ended && storedAt(entry.ended),
  keepUntil: dateOf(entry.keepUntil),
})

// Values are wrapped, because an expression takes a string that begins with `$` for a field (an
// agent may).
const literal = (value: unknown): Document => ({ $literal: value })
const orNull = (field: string): Document => ({ $ifNull: [`$${field}`, null] })

type Versioned = Readonly<{ version: number; at: SessionUse['at'] }>

/**
 * Keeps the stored value or the incoming one, whichever version wins by `compare`; a missing one
 * loses.
 */
const byVersion = (field: string, incoming: Versioned | null, compare: '$lt' | '$gt'): Document => {
  if (incoming === null) return orNull(field)
  const { version, at, ...same } = incoming
  const wins = {
    $or: [{ $eq: [orNull(field), null] }, { [compare]: [literal(version), `$${field}.version`] }],
  }
  return { $cond: [wins, literal({ version, at: dateOf(at), ...same }), `$${field}`] }
}

const greater = (field: string, at: SessionUse['at']): Document => ({
  $max: [`$${field}`, literal(dateOf(at))],
})

/**
 * `mergeSession` as an update that the server runs atomically. All expressions of one `$set` see
 * the document as it was before.
 */
const sessionUpdate = (entry: SessionEntry): Document[] => [
  {
    $set: {
      sub: { $ifNull: ['$sub', literal(entry.sub)] },
      client: { $ifNull: ['$client', literal(entry.client)] },
      kind: { $ifNull: ['$kind', literal(entry.kind)] },
      first: byVersion('first', entry.first, '$lt'),
      last: byVersion('last', entry.last, '$gt'),
      expiresAt: greater('expiresAt', entry.expiresAt),
      ended: byVersion('ended', entry.ended, '$lt'),
      keepUntil: greater('keepUntil', entry.keepUntil),
    },
  },
]

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
      // A session that begins has no entry yet, so it can be inserted.
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
