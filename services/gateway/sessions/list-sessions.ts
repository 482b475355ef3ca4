import type { Commit, Epoch } from '../../../shared/events/commit.ts'
import type { SessionEntry } from '../../../shared/events/session-entry.ts'
import {
  type ClientId,
  clientStream,
  type EpochMs,
  everyoneStream,
  msOf,
  type StreamId,
  type SubjectId,
  sessionStream,
  subjectStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { SessionCursor } from '../../../shared/ports/session-list.ts'
import { cutoffsOf, isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import type { ReadContext } from '../publication/index.ts'
import type { Sessions } from './open-sessions.ts'

/** Members are `null` when the commit that says it is no longer in the store. */
export type EndOfSession = Readonly<{ at: EpochMs | null; reason: string | null }>

export type ListedSession = Readonly<{
  entry: SessionEntry
  status: 'alive' | 'ended' | 'expired'
  expiresAt: EpochMs
  /** Set when the session ended before it expired. */
  ended: EndOfSession | null
}>
export type SessionPage = Readonly<{
  sessions: readonly ListedSession[]
  /** The cursor of the next page; `null` at the end. */
  next: SessionCursor | null
}>

type PageRequest = Readonly<{ sub: SubjectId; after: SessionCursor | null; limit: number }>
type CutoffHistory = Readonly<{
  currentFor: (client: ClientId) => Epoch
  /** When and why the first cutoff above this epoch ended the session, if that commit is kept. */
  endOf: (client: ClientId, epoch: Epoch) => EndOfSession
}>

const unknownEnd: EndOfSession = { at: null, reason: null }
/** Housekeeping keeps the newest two commits of a stream of cutoffs, and seldom many more. */
const cutoffCommitsMax = 32

const endIn = (commit: Commit | undefined): EndOfSession => {
  for (const { type, data } of commit?.events ?? []) {
    if (type === 'TokenRevoked') return { at: data.revokedAt, reason: data.reason }
  }
  return unknownEnd
}

/** Reads from the store the cutoffs that can end sessions of `sub` with these clients. */
const readCutoffHistory = async (
  store: EventStore,
  sub: SubjectId,
  clients: readonly ClientId[],
): Promise<CutoffHistory> => {
  const streams = [subjectStream(sub), everyoneStream, ...clients.map(clientStream)]
  const heads = new Map<StreamId, Commit | null>()
  for (const [index, head] of (await store.heads(streams)).entries()) {
    heads.set(streams[index] as StreamId, head)
  }
  const commitsOf = new Map<StreamId, readonly Commit[]>()
  for (const [stream, head] of heads) {
    if (!head || head.cutoff < 0) continue
    const from = Math.max(0, head.cutoff - cutoffCommitsMax)
    const read = await store.read(stream, from, cutoffCommitsMax + 1)
    commitsOf.set(
      stream,
      read.filter(({ id, cutoff }) => cutoff === id.v),
    )
  }
  const headOf = (stream: StreamId): Commit | null => heads.get(stream) ?? null
  const firstAbove = (stream: StreamId, epoch: number): Commit[] =>
    (commitsOf.get(stream) ?? []).filter(({ cutoff }) => cutoff > epoch).slice(0, 1)
  return {
    currentFor: (client) =>
      cutoffsOf(headOf(subjectStream(sub)), headOf(clientStream(client)), headOf(everyoneStream)),
    endOf: (client, epoch) => {
      const candidates = [
        ...firstAbove(subjectStream(sub), epoch.sub),
        ...firstAbove(clientStream(client), epoch.client),
        ...firstAbove(everyoneStream, epoch.all),
      ]
      // The earliest of them ended the session.
      return endIn(candidates.sort((a, b) => a.at - b.at)[0])
    },
  }
}

const listedWithoutCommit = (entry: SessionEntry, now: EpochMs): ListedSession => {
  const { expiresAt, ended } = entry
  if (ended) return { entry, status: 'ended', expiresAt, ended }
  // A session without a commit that has not expired is dead: the store was restored.
  const status = expiresAt <= now ? 'expired' : 'ended'
  return { entry, status, expiresAt, ended: status === 'ended' ? unknownEnd : null }
}

const listedSession = (
  entry: SessionEntry,
  head: Commit | null,
  cutoffs: CutoffHistory,
  now: EpochMs,
): ListedSession => {
  if (!head?.session) return listedWithoutCommit(entry, now)
  const { status, client, epoch, expMax } = head.session
  const expiresAt = msOf(expMax)
  if (status === 'dead') return { entry, status: 'ended', expiresAt, ended: endIn(head) }
  if (isBelowCutoff(epoch, cutoffs.currentFor(client))) {
    return { entry, status: 'ended', expiresAt, ended: cutoffs.endOf(client, epoch) }
  }
  return { entry, status: expiresAt > now ? 'alive' : 'expired', expiresAt, ended: null }
}

const cursorOf = ({ sid, first }: SessionEntry): SessionCursor | null =>
  first && { at: first.at, sid }

/**
 * One page of a user's sessions, newest start first. The session list, which follows the log, says
 * which sessions there are; the event store says whether each lives, so a revocation shows at once.
 * Cost: one read of the list, and one of the store for each session of the page.
 */
export const listSessions = async (
  {
    sessions: { list },
    context: { store, storeClock },
  }: Readonly<{ sessions: Pick<Sessions, 'list'>; context: ReadContext }>,
  { sub, after, limit }: PageRequest,
): Promise<SessionPage> => {
  const found = await list.page(sub, after, limit + 1)
  const page = found.slice(0, limit)
  const heads = await store.heads(page.map(({ sid }) => sessionStream(sid)))
  const clients = new Set(heads.flatMap((head) => head?.session?.client ?? []))
  const cutoffs = await readCutoffHistory(store, sub, [...clients])
  const now = storeClock.now()
  const sessions = page.flatMap((entry, index) => {
    const head = heads[index] ?? null
    // Folded from events: with CURFEW_UNSIGNED_EVENTS=accept an entry may be forged.
    if (head?.session && head.session.sub !== sub) return []
    return [listedSession(entry, head, cutoffs, now)]
  })
  const last = page.at(-1)
  return { sessions, next: found.length > limit && last ? cursorOf(last) : null }
}
