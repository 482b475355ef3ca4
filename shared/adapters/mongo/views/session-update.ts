import type { Document } from 'mongodb'
import type { SessionEnd, SessionEntry, SessionUse } from '../../../events/session-entry.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'

type Use = Omit<SessionUse, 'at'> & { at: Date }
type End = Omit<SessionEnd, 'at'> & { at: Date }

/** One document of the collection `sessions`; `_id` is the session's id. */
export type SessionDocument = {
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

export const entryOf = (found: SessionDocument): SessionEntry => ({
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

export const documentOf = (entry: SessionEntry): SessionDocument => ({
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

/** Of two, the one whose version wins by `compare`; a missing one loses. */
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
export const sessionUpdate = (entry: SessionEntry): Document[] => [
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
