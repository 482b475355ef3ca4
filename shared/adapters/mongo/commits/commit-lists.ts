import type { Collection } from 'mongodb'
import type { RevocationInForce, StatusListEntry } from '../../../events/status-list-entry.ts'
import type { EventStore } from '../../../ports/event-store.ts'
import type { StoreCall } from '../connection/mongo-connection.ts'
import { type CommitDocument, documentId, isListed } from '../documents/commit-document.ts'

type Commits = Collection<CommitDocument>
type Row = Pick<CommitDocument, '_id' | 'listed' | 'session'>
type End = Pick<CommitDocument, '_id' | 'cutoff'>

const pageSize = 1_000
const endOf = ({ _id, cutoff }: End): RevocationInForce => ({ id: documentId(_id), cutoff })

// Reads only these fields: the whole commit is twenty times as large.
const tokenFields = {
  listed: 1,
  'session.sid': 1,
  'session.sub': 1,
  'session.client': 1,
  'session.epoch': 1,
} as const

const tokenIn = ({ _id, listed, session }: Row): readonly StatusListEntry[] => {
  if (!listed || !session) return []
  const { idx, jti } = listed
  const { sid, sub, client, epoch } = session
  return [{ id: documentId(_id), idx, jti, sid, sub, client, epoch }]
}

/** What status lists are made of, by two partial indexes; a page is one read of a range. */
export const listMethods = (
  commits: Commits,
  call: StoreCall,
): Pick<EventStore, 'listAfter' | 'listed' | 'standingEnds'> => ({
  listAfter: (name) =>
    call(async () => {
      const found = await commits.findOne<Row>(
        name === '' ? isListed : { 'listed.list': { $gt: name } },
        { sort: { 'listed.list': 1, _id: 1 }, projection: { listed: 1 } },
      )
      return found?.listed?.list ?? null
    }),

  listed: (list, after, limit) =>
    call(async () => {
      if (limit <= 0) return []
      const behind = after ? { _id: { $gt: documentId(after) } } : {}
      const found = commits
        .find({ 'listed.list': list, ...behind })
        .sort({ _id: 1 })
        .limit(limit)
        .batchSize(limit)
        .project<Row>(tokenFields)
      return (await found.toArray()).flatMap(tokenIn)
    }),

  // One cursor without a sort: the index is by an array's members, which page by nothing else.
  standingEnds: async function* (at) {
    const found = commits
      .find({ kind: 'r', 'events.data.expiresAt': { $gt: at } })
      .batchSize(pageSize)
      .project<End>({ cutoff: 1 })
    try {
      for (let isOver = false; !isOver; ) {
        // Each page has the time of one call of its own.
        isOver = !(await call(() => found.hasNext()))
        yield found.readBufferedDocuments().map(endOf)
      }
    } finally {
      await found.close().catch(() => {})
    }
  },
})
