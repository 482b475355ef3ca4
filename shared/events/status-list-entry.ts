import {
  type ClientId,
  type EpochMs,
  msOf,
  type SessionId,
  type SubjectId,
  type TokenId,
} from '../kernel/ids.ts'
import { type CommitId, type Epoch, isSliding, type Listing, type NewCommit } from './commit.ts'

/** Readers of lists may be as lenient about `exp` as those of revocations: 60 s at most. */
const leniencyMs = 5 * 60_000

/** A token in its list, by the commit that says so, and all that an end may name it by. */
export type StatusListEntry = Readonly<{
  id: CommitId
  idx: number
  jti: TokenId
  sid: SessionId
  sub: SubjectId
  client: ClientId
  epoch: Epoch
}>

/**
 * What `commit` says of a token in a list, and until when somebody may look there; `null` where its
 * session's token is in none.
 */
export const statusListEntryOf = ({
  id,
  session,
}: NewCommit): Readonly<{ listing: Listing; until: EpochMs; token: StatusListEntry }> | null => {
  if (session === null) return null
  const issued = isSliding(session) ? session.sliding.token : session.access
  if (!issued.listed) return null
  const { sid, sub, client, epoch } = session
  const token = { id, idx: issued.listed.idx, jti: issued.jti, sid, sub, client, epoch }
  return { listing: issued.listed, until: (msOf(issued.exp) + leniencyMs) as EpochMs, token }
}

/**
 * A revocation by its commit: the stream says what ended, `cutoff` below which epoch on the streams
 * that have cutoffs.
 */
export type RevocationInForce = Readonly<{ id: CommitId; cutoff: number }>

/**
 * The revocation in a commit, and until when it must be remembered: no token that it ends can be
 * alive then. `null` where there is none that guards must learn.
 */
export const revocationInForceOf = ({
  id,
  kind,
  cutoff,
  events,
}: NewCommit): Readonly<{ end: RevocationInForce; until: EpochMs }> | null => {
  if (kind !== 'r') return null
  const untils = events.flatMap((event) =>
    event.type === 'TokenRevoked' ? [event.data.expiresAt] : [],
  )
  return { end: { id, cutoff }, until: Math.max(...untils) as EpochMs }
}
