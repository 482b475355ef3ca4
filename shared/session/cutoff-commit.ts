import type { Commit, NewCommit } from '../events/commit.ts'
import {
  type Actor,
  type AuthEvent,
  type EventData,
  event,
  type Origin,
  type RevocationReason,
} from '../events/event.ts'
import {
  type Claim,
  type ClientId,
  clientStream,
  type EpochMs,
  everyoneStream,
  type RevocationKey,
  type StreamId,
  type SubjectId,
  subjectStream,
} from '../kernel/ids.ts'
import { completeCommit } from './complete-commit.ts'
import { cutoffExpiry } from './session-policy.ts'

/** Whose sessions a cutoff ends. */
export type CutoffTarget =
  | Readonly<{ scope: 'subject'; sub: SubjectId }>
  | Readonly<{ scope: 'client'; client: ClientId }>
  | Readonly<{ scope: 'all' }>

export const streamOfTarget = (target: CutoffTarget): StreamId =>
  target.scope === 'subject'
    ? subjectStream(target.sub)
    : target.scope === 'client'
      ? clientStream(target.client)
      : everyoneStream

const keyOfTarget = (target: CutoffTarget): RevocationKey =>
  target.scope === 'subject'
    ? `sub:${target.sub}`
    : target.scope === 'client'
      ? `client:${target.client}`
      : 'all'

/** The keys of the cutoffs that end a session of this user at this client. */
export const cutoffKeysOf = ({
  sub,
  client,
}: Pick<EventData<'TokenIssued'>, 'sub' | 'client'>): readonly RevocationKey[] => [
  `sub:${sub}`,
  `client:${client}`,
  'all',
]

export type CutoffCommand = Readonly<{
  target: CutoffTarget
  reason: RevocationReason
  now: EpochMs
  claim: Claim
  origin: Origin
  /** On whose word; `null` or absent where nobody's is known. */
  actor?: Actor | null
  /** The longest access or sliding lifetime ever in force. */
  longestMs: number
  /** Told in the same commit, before the revocation. */
  alongside?: readonly AuthEvent[]
}>

/**
 * What is pending is published in the order of `at`, and gateways' clocks differ: a stream's must
 * not go back.
 */
const notBefore = (newest: Commit | null, now: EpochMs): EpochMs =>
  Math.max(now, newest?.at ?? 0) as EpochMs

/**
 * One commit ends every session that began before it, however many: its version is the cutoff.
 * Pure.
 */
export const cutoffCommit = (newest: Commit | null, command: CutoffCommand): NewCommit => {
  const { target, reason, now, claim, origin, actor = null, longestMs, alongside = [] } = command
  const version = (newest?.id.v ?? -1) + 1
  const revoked = event('TokenRevoked', {
    scope: target.scope,
    key: keyOfTarget(target),
    reason,
    cutoff: version,
    sub: target.scope === 'subject' ? target.sub : null,
    sid: null,
    revokedAt: now,
    expiresAt: cutoffExpiry(now, longestMs),
    refresh: null,
    actor,
    ...origin,
  })
  return completeCommit({
    id: { s: streamOfTarget(target), v: version },
    at: notBefore(newest, now),
    events: [...alongside, revoked],
    claim,
    cutoff: version,
    longestMs: newest?.longestMs ?? 0,
  })
}

/** A commit on a stream of cutoffs that is none: it never moves the cutoff. */
export const eventCommit = (
  stream: StreamId,
  newest: Commit | null,
  told: Readonly<{ events: readonly AuthEvent[]; now: EpochMs; claim: Claim; longestMs?: number }>,
): NewCommit =>
  completeCommit({
    id: { s: stream, v: (newest?.id.v ?? -1) + 1 },
    at: notBefore(newest, told.now),
    events: told.events,
    claim: told.claim,
    cutoff: newest?.cutoff ?? -1,
    longestMs: told.longestMs ?? newest?.longestMs ?? 0,
  })
