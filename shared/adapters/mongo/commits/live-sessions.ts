import type { Collection, Filter } from 'mongodb'
import { liveSessionOf, type SessionScope } from '../../../events/live-session.ts'
import type { StreamId } from '../../../kernel/ids.ts'
import type { EventStore } from '../../../ports/event-store.ts'
import { longWorkMs, type StoreCall } from '../connection/mongo-connection.ts'
import type { CommitDocument } from '../documents/commit-document.ts'

const pageSize = 1_000
type Row = Pick<CommitDocument, '_id' | 'session'>

const fields = {
  'session.status': 1,
  'session.sid': 1,
  'session.sub': 1,
  'session.client': 1,
  'session.epoch': 1,
  'session.startedAt': 1,
  'session.expMax': 1,
  'session.sliding.refreshExp': 1,
} as const

const ofWhom = (whose: SessionScope): Filter<CommitDocument> =>
  whose.scope === 'subject'
    ? { 'session.sub': whose.sub }
    : whose.scope === 'client'
      ? { 'session.client': whose.client }
      : {}

/**
 * One cursor in the order of the index `stream`, newest commit first: a stream's first is what it
 * says now. What is filtered by is the same in all commits of a session, or greatest in its newest.
 * The server keeps nothing in memory, and no index is kept for it, which every login would pay.
 */
export const liveSessionsIn = (
  commits: Collection<CommitDocument>,
  call: StoreCall,
): EventStore['liveSessions'] =>
  async function* (whose, at) {
    const found = commits
      .find({
        '_id.s': { $gte: 's/', $lt: 's0' },
        'session.expMax': { $gt: Math.floor(at / 1_000) },
        ...ofWhom(whose),
      } as Filter<CommitDocument>)
      .sort({ '_id.s': 1, '_id.v': -1 })
      .batchSize(pageSize)
      .project<Row>(fields)
    let before: StreamId | null = null
    try {
      for (let isOver = false; !isOver; ) {
        // Few may be wanted of many: one page may be a walk over all of them.
        isOver = !(await call(() => found.hasNext(), longWorkMs))
        const newest = found.readBufferedDocuments().filter(({ _id }) => {
          const isFirst = _id.s !== before
          before = _id.s
          return isFirst
        })
        yield newest.flatMap(({ session }) => liveSessionOf(session, at))
      }
    } finally {
      await found.close().catch(() => {})
    }
  }
