import type { Commit, Epoch, SessionState } from '../../../shared/events/commit.ts'
import {
  type ClientId,
  clientStream,
  type EpochMs,
  everyoneStream,
  msOf,
  type StreamId,
  type SubjectId,
  subjectStream,
} from '../../../shared/kernel/ids.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import { cutoffsOf, isBelowCutoff } from '../../../shared/session/cutoffs-in-force.ts'
import type { ReadContext } from '../publication/index.ts'

/** Members are `null` when the commit that says it is no longer in the store. */
export type EndOfSession = Readonly<{ at: EpochMs | null; reason: string | null }>

/** Whether a session lives, as the store says now. */
export type SessionStatus = Readonly<{
  status: 'alive' | 'ended' | 'expired'
  expiresAt: EpochMs
  /** Set when the session ended before it expired. */
  ended: EndOfSession | null
}>

type Whose = Readonly<{ sub: SubjectId; client: ClientId }>
type CutoffHistory = Readonly<{
  currentFor: (whose: Whose) => Epoch
  /** When and why the first cutoff above this epoch ended the session, if that commit is kept. */
  endOf: (session: SessionState) => EndOfSession
}>

export const unknownEnd: EndOfSession = { at: null, reason: null }
/** Housekeeping keeps the newest two commits of a stream of cutoffs, and seldom many more. */
const cutoffCommitsMax = 32

const endIn = (commit: Commit | undefined): EndOfSession => {
  for (const { type, data } of commit?.events ?? []) {
    if (type === 'TokenRevoked') return { at: data.revokedAt, reason: data.reason }
  }
  return unknownEnd
}

const streamsOf = ({ sub, client }: Whose) =>
  [subjectStream(sub), clientStream(client), everyoneStream] as const

const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)]

/** Reads from the store the cutoffs that can end these sessions. */
const readCutoffHistory = async (
  store: EventStore,
  sessions: readonly SessionState[],
): Promise<CutoffHistory> => {
  const streams = unique([everyoneStream, ...sessions.flatMap(streamsOf)])
  const newestCommits = new Map<StreamId, Commit | null>()
  for (const [index, head] of (await store.heads(streams)).entries()) {
    newestCommits.set(streams[index] as StreamId, head)
  }
  const headOf = (stream: StreamId): Commit | null => newestCommits.get(stream) ?? null
  const currentFor = (whose: Whose): Epoch => {
    const [subject, client, everyone] = streamsOf(whose)
    return cutoffsOf(headOf(subject), headOf(client), headOf(everyone))
  }
  // For the few sessions that a cutoff ended, reads when and why.
  const ended = sessions.filter((session) => isBelowCutoff(session.epoch, currentFor(session)))
  const told = unique(ended.flatMap(streamsOf)).flatMap((stream) => headOf(stream) ?? [])
  const commitsOf = new Map<StreamId, readonly Commit[]>()
  for (const { id, cutoff } of told.filter((head) => head.cutoff >= 0)) {
    const from = Math.max(0, cutoff - cutoffCommitsMax)
    const read = await store.read(id.s, from, cutoffCommitsMax + 1)
    commitsOf.set(
      id.s,
      read.filter((commit) => commit.cutoff === commit.id.v),
    )
  }
  const firstAbove = (stream: StreamId, epoch: number): Commit[] =>
    (commitsOf.get(stream) ?? []).filter(({ cutoff }) => cutoff > epoch).slice(0, 1)
  return {
    currentFor,
    endOf: ({ epoch, ...whose }) => {
      const [subject, client, everyone] = streamsOf(whose)
      const candidates = [
        ...firstAbove(subject, epoch.sub),
        ...firstAbove(client, epoch.client),
        ...firstAbove(everyone, epoch.all),
      ]
      // The earliest of them ended the session.
      return endIn(candidates.sort((a, b) => a.at - b.at)[0])
    },
  }
}

const statusOf = (
  head: Commit,
  session: SessionState,
  cutoffs: CutoffHistory,
  now: EpochMs,
): SessionStatus => {
  const { status, epoch, expMax } = session
  const expiresAt = msOf(expMax)
  if (status === 'dead') return { status: 'ended', expiresAt, ended: endIn(head) }
  if (isBelowCutoff(epoch, cutoffs.currentFor(session))) {
    return { status: 'ended', expiresAt, ended: cutoffs.endOf(session) }
  }
  return { status: expiresAt > now ? 'alive' : 'expired', expiresAt, ended: null }
}

/**
 * For each newest commit of a session, whether the session lives; `null` where there is no commit.
 * Sessions may be of several users. Cost: one read of the store, and one for each cutoff that ended
 * some of them.
 */
export const statusesOf = async (
  { store, storeClock }: ReadContext,
  newestCommits: readonly (Commit | null)[],
): Promise<readonly (SessionStatus | null)[]> => {
  const cutoffs = await readCutoffHistory(
    store,
    newestCommits.flatMap((head) => head?.session ?? []),
  )
  const now = storeClock.now()
  return newestCommits.map((head) =>
    head?.session ? statusOf(head, head.session, cutoffs, now) : null,
  )
}
