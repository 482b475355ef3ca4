import type { ClientSession, Collection, Filter } from 'mongodb'
import type { Commit, CommitId } from '../../../events/commit.ts'
import { revocationInForceOf } from '../../../events/status-list-entry.ts'
import type { EpochMs, LogId } from '../../../kernel/ids.ts'
import type { EventStore, RelayScan, RelayState } from '../../../ports/event-store.ts'
import type { MongoConnection, StoreCall } from '../connection/mongo-connection.ts'
import { AdaptiveBatchSize } from '../documents/adaptive-batch-size.ts'
import type { BulkWrites } from '../documents/bulk-writes.ts'
import { type CommitDocument, commitOf, exactly } from '../documents/commit-document.ts'
import { advanceTick } from './store-tick.ts'

type Commits = Collection<CommitDocument>

/** So many of those that lie lowest are looked at in one scan; the first few tell as a rule. */
const walkedMax = 500
const firstWalked = 16
/**
 * After a deletion hundreds were to be read in one scan, which on a slow server had no time, and no
 * closed time came any more. Less is a page and no answer: the scan says that there is more.
 */
const bounds = { max: walkedMax, min: firstWalked, step: 16 }

/** How many entries of a page of `limit` a scan reads that walks over `walked` commits. */
const shareOf = (limit: number, walked: number): number => Math.ceil((limit * walked) / walkedMax)

/**
 * In the words of the partial index `told`. `over` is set once a revocation need not be remembered
 * any more and lay in the way, so that those in force stand first in the index.
 */
const toldUnder = (logId: LogId | Readonly<Record<string, string>>): Filter<CommitDocument> =>
  // The driver's types know no null where a member may be absent.
  ({ kind: 'r', over: null, 'published.logId': logId }) as unknown as Filter<CommitDocument>

type Read = Readonly<{ commits: Commits; session: ClientSession; walked: number }>

const page = async (
  { commits, session }: Read,
  logId: Readonly<Record<string, string>>,
  size: number,
): Promise<readonly Commit[]> => {
  const found = await commits
    .find(toldUnder(logId), { session, readConcern: { level: 'majority' } })
    .sort({ 'published.logId': 1, 'published.offset': 1 })
    .limit(size)
    .batchSize(size)
    .toArray()
  return found.map(commitOf)
}

const offsetOf = ({ published }: Commit): number => published?.offset ?? 0

type Told = Readonly<{
  /** In force, and nowhere in the log any more. */
  lost: readonly Commit[]
  low: number | null
  /** There may be more that is lost. */
  more: boolean
  over: readonly CommitId[]
}>

const nothingTold: Told = { lost: [], low: null, more: false, over: [] }

/**
 * The same by the index of what must be remembered, where so much that is over lies in the way that
 * a page does not reach past it: a fleet's first scans of this version, or a new identity of the
 * log. It looks at all that is in force, and at nothing else.
 */
const readStanding = async (
  { commits, session, walked }: Read,
  { t, logId }: Readonly<{ t: EpochMs; logId: LogId }>,
  logStart: number,
): Promise<Omit<Told, 'over'>> => {
  const options = { session, readConcern: { level: 'majority' } } as const
  const standing = { kind: 'r', 'events.data.expiresAt': { $gt: t } } as const
  const isElsewhere = [
    { 'published.logId': { $gt: '', $lt: logId } },
    { 'published.logId': { $gt: logId } },
    { 'published.logId': logId, 'published.offset': { $lt: logStart } },
  ]
  const lost = await commits
    .find({ ...standing, $or: isElsewhere } as Filter<CommitDocument>, options)
    .limit(walked)
    .batchSize(walked)
    .toArray()
  const held = { 'published.logId': logId, 'published.offset': { $gte: logStart } }
  const [lowest] = await commits
    .find({ ...standing, ...held } as Filter<CommitDocument>, options)
    .sort({ 'published.offset': 1 })
    .limit(1)
    .toArray()
  return {
    lost: lost.map(commitOf),
    low: lowest ? offsetOf(commitOf(lowest)) : null,
    more: lost.length === walked,
  }
}

/**
 * First other logs behind this one in the index, then all up to this one's lowest: what is told
 * again meanwhile moves from the former into the latter, or forward within it, and is seen.
 */
const readTold = async (read: Read, { t, logId }: RelayState, logStart: number): Promise<Told> => {
  if (logId === null) return nothingTold
  const isInForce = (commit: Commit): boolean => (revocationInForceOf(commit)?.until ?? 0) > t
  const isHeld = ({ published }: Commit): boolean =>
    published?.logId === logId && (published.offset ?? 0) >= logStart
  const isLowest = (commit: Commit): boolean => isHeld(commit) && isInForce(commit)
  const { walked } = read
  const behind = await page(read, { $gt: logId }, walked)
  let upTo = await page(read, { $gt: '', $lte: logId }, firstWalked)
  if (upTo.length === firstWalked && walked > firstWalked && !upTo.some(isLowest)) {
    upTo = await page(read, { $gt: '', $lte: logId }, walked)
  }
  const lowest = upTo.find(isLowest)
  const met = [...behind, ...(lowest ? upTo.slice(0, upTo.indexOf(lowest)) : upTo)]
  const over = met.filter((commit) => !isInForce(commit)).map(({ id }) => id)
  const isCut = behind.length === walked || (!lowest && upTo.length === walked)
  if (isCut) return { ...(await readStanding(read, { t, logId }, logStart)), over }
  const lost = met.filter((commit) => !isHeld(commit) && isInForce(commit))
  return { lost, low: lowest ? offsetOf(lowest) : null, more: false, over }
}

type Scanned = Readonly<{ scan: RelayScan; over: readonly CommitId[] }>
type Scanning = Readonly<{ connection: MongoConnection; commits: Commits; walked: number }>

/**
 * The tick first, then, causally after it, the scan: what was acknowledged before `t` is seen, or
 * is published.
 */
const scanned = (
  { connection, commits, walked }: Scanning,
  limit: number,
  logStart: number,
): Promise<Scanned> =>
  connection.client.withSession({ causalConsistency: true }, async (session) => {
    const most = shareOf(limit, walked)
    const tick = await advanceTick(connection, session)
    const found = await commits
      .find({ unpublished: 'r' }, { session, readConcern: { level: 'majority' } })
      .sort({ at: 1, _id: 1 })
      .limit(most + 1)
      .batchSize(most + 1)
      .toArray()
    const told = await readTold({ commits, session, walked }, tick, logStart)
    const due = [...found.map(commitOf), ...told.lost]
    const more = told.more || found.length > most || due.length > limit
    return {
      scan: { tick, revocations: due.slice(0, limit), more, low: told.low },
      over: told.over,
    }
  })

export type CommitCalls = Readonly<{ call: StoreCall; bulk: BulkWrites<CommitDocument> }>

type RelayMethods = Pick<EventStore, 'relayScan' | 'publishedBelow'>

/** What the relay reads: the tick, and three ranges of indexes a scan, two of them short. */
export const relayMethods = (
  connection: MongoConnection,
  commits: Commits,
  { call, bulk }: CommitCalls,
): RelayMethods => {
  const size = new AdaptiveBatchSize(bounds)
  return {
    relayScan: async (limit, logStart = 0) => {
      const walked = size.current
      const scanning = call(() => scanned({ connection, commits, walked }, limit, logStart))
      const { scan, over } = await scanning.catch((error: unknown) => {
        size.shrinkBelow(walked)
        throw error
      })
      size.grow()
      const updates = over.map((id) => ({
        updateOne: { filter: exactly(id), update: { $set: { over: true as const } } },
      }))
      // Without it the next scan meets them again.
      await bulk.write(updates).catch(() => {})
      return scan
    },

    publishedBelow: (logId, offset, at, limit) =>
      call(async () => {
        if (limit <= 0) return []
        const found = commits
          .find({
            ...toldUnder(logId),
            'published.offset': { $lt: offset },
            'events.data.expiresAt': { $gt: at },
          } as Filter<CommitDocument>)
          .sort({ 'published.offset': 1 })
          .limit(limit)
        return (await found.toArray()).map(commitOf)
      }),
  }
}
