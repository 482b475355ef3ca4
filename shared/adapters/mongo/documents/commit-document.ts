import type { Filter } from 'mongodb'
import type {
  Commit,
  CommitId,
  NewCommit,
  Published,
  SessionState,
} from '../../../events/commit.ts'
import type { AuthEvent, StoredEvent } from '../../../events/event.ts'
import { statusListEntryOf } from '../../../events/status-list-entry.ts'
import { upcast } from '../../../events/upcast.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Claim, StreamId, TokenId } from '../../../kernel/ids.ts'
import { dateOf, epochOf } from './bson-time.ts'

/** One document of the collection `commits`. The stored form is a promise, as `format` says. */
export type CommitDocument = {
  /**
   * Compared field by field in this order, so the `_id` index alone serves "newest of a stream".
   */
  _id: { s: StreamId; v: number }
  format: number
  at: Date
  events: readonly StoredEvent[]
  claim: Claim
  request?: string
  personal?: string
  kind: 'r' | 'o'
  session: SessionState | null
  cutoff: number
  longestMs: number
  /** Absent = kept for ever; a TTL index takes no null. */
  expiresAt?: Date
  /** There only as long as it is unpublished, so that the partial index holds nothing else. */
  unpublished?: 'r' | 'o'
  published?: Published
  /** What `session` says of its token in a status list, where an index finds it. */
  listed?: { list: string; idx: number; jti: TokenId; until: Date }
  /** A commit two versions newer was published: this one may be pruned. */
  superseded?: true
  /** Its revocation need not be remembered any more; set where somebody came by. */
  over?: true
}

/**
 * An exact match of an embedded document heeds the order of its fields, so every id is built here.
 */
export const documentId = ({ s, v }: CommitId): CommitDocument['_id'] => ({ s, v })

/**
 * Filters name the `_id` twice: MongoDB serves the whole `_id` from its own index; other servers of
 * its protocol (SecantusDB: measured, 400 ms at 10,000 commits) scan for an embedded `_id` and take
 * the index `stream`.
 */
export const exactly = ({ s, v }: CommitId): Filter<CommitDocument> => ({
  _id: documentId({ s, v }),
  '_id.s': s,
  '_id.v': v,
})

/** Versions `from` and up of one stream. */
export const streamFrom = (s: StreamId, from: number): Filter<CommitDocument> => ({
  _id: { $gte: documentId({ s, v: from }), $lte: documentId({ s, v: Number.MAX_SAFE_INTEGER }) },
  '_id.s': s,
})

/**
 * In the words of the partial TTL index, so that it serves: any string is greater than the empty
 * one.
 */
export const isPublished = { 'published.logId': { $gt: '' } } as const

/** In the words of the partial index. */
export const isListed = { 'listed.list': { $gt: '' } } as const

const listedIn = (commit: NewCommit): Pick<CommitDocument, 'listed'> => {
  const found = statusListEntryOf(commit)
  if (!found) return {}
  const { idx, jti } = found.token
  return { listed: { list: found.listing.list, idx, jti, until: dateOf(found.until) } }
}

export const commitDocument = (commit: NewCommit): CommitDocument => ({
  _id: documentId(commit.id),
  format: commit.format,
  at: dateOf(commit.at),
  events: commit.events,
  claim: commit.claim,
  ...(commit.request === undefined ? {} : { request: commit.request }),
  ...(commit.personal === undefined ? {} : { personal: commit.personal }),
  kind: commit.kind,
  session: commit.session,
  cutoff: commit.cutoff,
  longestMs: commit.longestMs,
  ...(commit.expiresAt === null ? {} : { expiresAt: dateOf(commit.expiresAt) }),
  unpublished: commit.kind,
  ...listedIn(commit),
})

/** @throws AuthError DATA_INVALID for a format of a later version of Curfew. */
export const commitOf = (document: CommitDocument): Commit => {
  const { _id, format, at, events, claim, kind, session, cutoff, longestMs } = document
  if (format !== 1)
    throw new AuthError('DATA_INVALID', `commit ${_id.s}:${_id.v} has the unknown format ${format}`)
  return {
    format,
    id: documentId(_id),
    at: epochOf(at),
    events: events.map((stored): AuthEvent => upcast(stored)),
    claim,
    ...(document.request === undefined ? {} : { request: document.request }),
    ...(document.personal === undefined ? {} : { personal: document.personal }),
    kind,
    session,
    cutoff,
    longestMs,
    expiresAt: document.expiresAt ? epochOf(document.expiresAt) : null,
    published: document.published ?? null,
  }
}
