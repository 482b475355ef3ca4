import type { Document } from 'mongodb'
import type { RevocationKey } from '../../../kernel/ids.ts'
import type { ViewClosed, ViewEntry } from '../../../ports/blacklist-view.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'

/**
 * A revoked key in the collection `blacklist`, a door of its own for readers in other languages.
 */
export type EntryDocument = {
  _id: RevocationKey
  cutoff: number | null
  expiresAt: Date
  reason: string
  revokedAt: Date
  id: ViewEntry['id']
  position: string | null
}
/** Beside the entries: what the collection is known to contain. */
export type ClosedDocument = {
  _id: 'closed'
  t: Date
  logId: ViewClosed['logId']
  position: string
}

export const entryOf = ({ _id, expiresAt, revokedAt, ...same }: EntryDocument): ViewEntry => ({
  key: _id,
  cutoff: same.cutoff,
  expiresAt: epochOf(expiresAt),
  reason: same.reason,
  revokedAt: epochOf(revokedAt),
  id: same.id,
  position: same.position,
})

export const documentOf = ({ key, expiresAt, revokedAt, ...same }: ViewEntry): EntryDocument => ({
  _id: key,
  cutoff: same.cutoff,
  expiresAt: dateOf(expiresAt),
  reason: same.reason,
  revokedAt: dateOf(revokedAt),
  id: same.id,
  position: same.position,
})

// Values are wrapped, because an expression takes a string that begins with `$` for a field (a
// `sub` may).
const literal = (value: unknown): Document => ({ $literal: value })

/**
 * `mergeEntry` as an update that the server runs atomically; a missing document counts as losing.
 * All expressions of one `$set` see the document as it was before.
 */
export const mergeUpdate = (entry: ViewEntry): Document[] => {
  const mine = literal(entry.cutoff ?? -1)
  const theirs = { $ifNull: ['$cutoff', literal(-1)] }
  const wins = {
    $or: [
      { $eq: [{ $type: '$id' }, 'missing'] },
      { $gt: [mine, theirs] },
      { $and: [{ $eq: [mine, theirs] }, { $lt: [literal(entry.id), '$id'] }] },
    ],
  }
  const ofWinner = (field: string, value: unknown): Document => ({
    $cond: [wins, literal(value), `$${field}`],
  })
  const given = literal(entry.position)
  return [
    {
      $set: {
        cutoff: ofWinner('cutoff', entry.cutoff),
        expiresAt: { $max: ['$expiresAt', literal(dateOf(entry.expiresAt))] },
        reason: ofWinner('reason', entry.reason),
        revokedAt: ofWinner('revokedAt', dateOf(entry.revokedAt)),
        id: ofWinner('id', entry.id),
        position: {
          $cond: [
            wins,
            { $ifNull: [given, '$position', literal(null)] },
            { $ifNull: ['$position', given] },
          ],
        },
      },
    },
  ]
}

/** Closed time only grows under one log; another log's replaces it. */
export const closedUpdate = (closed: ViewClosed): Document[] => {
  const t = literal(dateOf(closed.t))
  const newer = {
    $or: [{ $ne: ['$logId', literal(closed.logId)] }, { $gt: [t, '$t'] }],
  }
  return [
    {
      $set: {
        t: { $cond: [newer, t, '$t'] },
        logId: literal(closed.logId),
        position: { $cond: [newer, literal(closed.position), '$position'] },
      },
    },
  ]
}
