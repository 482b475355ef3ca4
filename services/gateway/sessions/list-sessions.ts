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
import { cutoffsOf, isBelow } from '../../../shared/session/cutoffs.ts'
import type { ReadContext } from '../publication/index.ts'
import type { Sessions } from './open-sessions.ts'

/** `null` where the store keeps no commit any more that says it. */
export type EndOfSession = Readonly<{ at: EpochMs | null; reason: string | null }>

export type ListedSession = Readonly<{
  entry: SessionEntry
  status: 'alive' | 'ended' | 'expired'
  expiresAt: EpochMs
  /** Set when it ended before it expired. */
  ended: EndOfSession | null
}>
export type SessionPage = Readonly<{
  sessions: readonly ListedSession[]
  /** Where the next page goes on; `null` at the end. */
  next: SessionCursor | null
}>

type Wanted = Readonly<{ sub: SubjectId; after: SessionCursor | null; limit: number }>
type Cutoffs = Readonly<{
  of: (client: ClientId) => Epoch
  /** The commit that put a session of this epoch to death, as far as it is kept. */
  ended: (client: ClientId, epoch: Epoch) => EndOfSession
}>

const unknownEnd: EndOfSession = { at: null, reason: null }
/** Of a stream of cutoffs the store keeps the newest two for sure, and few more. */
const cutoffsMax = 32

const endIn = (commit: Commit | undefined): EndOfSession => {
  for (const { type, data } of commit?.events ?? []) {
    if (type === 'TokenRevoked') return { at: data.revokedAt, reason: data.reason }
  }
  return unknownEnd
}

/** Everything that cutoffs can say of sessions of `sub` and these clients; asked of the store. */
const readCutoffs = async (
  store: EventStore,
  sub: SubjectId,
  clients: readonly ClientId[],
): Promise<Cutoffs> => {
  const streams = [subjectStream(sub), everyoneStream, ...clients.map(clientStream)]
  const heads = new Map<StreamId, Commit | null>()
  for (const [index, head] of (await store.heads(streams)).entries()) {
    heads.set(streams[index] as StreamId, head)
  }
  const kept = new Map<StreamId, readonly Commit[]>()
  for (const [stream, head] of heads) {
    if (!head || head.cutoff < 0) continue
    const from = Math.max(0, head.cutoff - cutoffsMax)
    const read = await store.read(stream, from, cutoffsMax + 1)
    kept.set(
      stream,
      read.filter(({ id, cutoff }) => cutoff === id.v),
    )
  }
  const headOf = (stream: StreamId): Commit | null => heads.get(stream) ?? null
  const above = (stream: StreamId, epoch: number): Commit[] =>
    (kept.get(stream) ?? []).filter(({ cutoff }) => cutoff > epoch).slice(0, 1)
  return {
    of: (client) =>
      cutoffsOf(headOf(subjectStream(sub)), headOf(clientStream(client)), headOf(everyoneStream)),
    ended: (client, epoch) => {
      const found = [
        ...above(subjectStream(sub), epoch.sub),
        ...above(clientStream(client), epoch.client),
        ...above(everyoneStream, epoch.all),
      ]
      // Whichever came first was its death.
      return endIn(found.sort((a, b) => a.at - b.at)[0])
    },
  }
}

const ofNoCommits = (entry: SessionEntry, now: EpochMs): ListedSession => {
  const { expiresAt, ended } = entry
  if (ended) return { entry, status: 'ended', expiresAt, ended }
  // A store that was restored knows nothing of a session that has time left: it is dead.
  const status = expiresAt <= now ? 'expired' : 'ended'
  return { entry, status, expiresAt, ended: status === 'ended' ? unknownEnd : null }
}

const judged = (
  entry: SessionEntry,
  head: Commit | null,
  cutoffs: Cutoffs,
  now: EpochMs,
): ListedSession => {
  if (!head?.session) return ofNoCommits(entry, now)
  const { status, client, epoch, expMax } = head.session
  const expiresAt = msOf(expMax)
  if (status === 'dead') return { entry, status: 'ended', expiresAt, ended: endIn(head) }
  if (isBelow(epoch, cutoffs.of(client))) {
    return { entry, status: 'ended', expiresAt, ended: cutoffs.ended(client, epoch) }
  }
  return { entry, status: expiresAt > now ? 'alive' : 'expired', expiresAt, ended: null }
}

const cursorOf = ({ sid, first }: SessionEntry): SessionCursor | null =>
  first && { at: first.at, sid }

/**
 * One page of a user's sessions, newest start first. Which there are comes from the list, behind
 * the log; whether each lives is asked of the store, so what was revoked is shown so at once. Cost:
 * one read of the list, and one of the store for each session of the page.
 */
export const listSessions = async (
  {
    sessions: { list },
    context: { store, storeClock },
  }: Readonly<{ sessions: Pick<Sessions, 'list'>; context: ReadContext }>,
  { sub, after, limit }: Wanted,
): Promise<SessionPage> => {
  const found = await list.page(sub, after, limit + 1)
  const page = found.slice(0, limit)
  const heads = await store.heads(page.map(({ sid }) => sessionStream(sid)))
  const clients = new Set(heads.flatMap((head) => head?.session?.client ?? []))
  const cutoffs = await readCutoffs(store, sub, [...clients])
  const now = storeClock.now()
  const sessions = page.flatMap((entry, index) => {
    const head = heads[index] ?? null
    // `auth.events` carries no MAC: what names another's session was written by somebody else.
    if (head?.session && head.session.sub !== sub) return []
    return [judged(entry, head, cutoffs, now)]
  })
  const last = page.at(-1)
  return { sessions, next: found.length > limit && last ? cursorOf(last) : null }
}
