import { type ClientId, type EpochMs, msOf, type SessionId, type SubjectId } from '../kernel/ids.ts'
import { type Epoch, isSliding, type SessionState } from './commit.ts'

/** A session that its own stream has not ended. */
export type LiveSession = Readonly<{
  sid: SessionId
  sub: SubjectId
  client: ClientId
  epoch: Epoch
  kind: 'pair' | 'sliding'
  startedAt: EpochMs
  /** When its last token expires. */
  expiresAt: EpochMs
}>

/** Whose sessions: of one subject, of one client, or all of them. */
export type SessionScope =
  | Readonly<{ scope: 'subject'; sub: SubjectId }>
  | Readonly<{ scope: 'client'; client: ClientId }>
  | Readonly<{ scope: 'all' }>

export const isInScope = (
  session: Pick<SessionState, 'sub' | 'client'>,
  whose: SessionScope,
): boolean =>
  whose.scope === 'all' ||
  (whose.scope === 'subject' ? session.sub === whose.sub : session.client === whose.client)

/** The session of a stream's newest commit; none where it ended, or is over at `at`. */
export const liveSessionOf = (
  session: SessionState | null | undefined,
  at: EpochMs,
): readonly LiveSession[] => {
  if (session?.status !== 'live' || msOf(session.expMax) <= at) return []
  const { sid, sub, client, epoch, startedAt, expMax } = session
  const kind = isSliding(session) ? 'sliding' : 'pair'
  return [{ sid, sub, client, epoch, kind, startedAt, expiresAt: msOf(expMax) }]
}
