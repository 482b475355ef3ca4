import type { SessionState } from '../events/commit.ts'
import type { EpochMs, EpochSeconds } from '../kernel/ids.ts'

/**
 * The settings that decide a session's life; named after Simple-JWT's. Durations in milliseconds.
 */
export type SessionPolicy = Readonly<{
  accessLifetimeMs: number
  refreshLifetimeMs: number
  slidingLifetimeMs: number
  /** How long after its login a sliding token may be renewed. */
  slidingRefreshLifetimeMs: number
  sessionMaxLifetimeMs: number
  graceMs: number
  /** The longest life of another issuer's tokens; `null` or absent when none are accepted. */
  foreignLifetimeMs?: number | null
  rotate: boolean
  blacklistAfterRotation: boolean
}>

const dayMs = 86_400_000
/** Revocations outlive the tokens they kill by this much; `LEEWAY` is at most 60 s. */
export const revocationMarginMs = 5 * 60_000
/** A request that is older than this when it decides has been answered 503 long ago. */
export const requestLifeMsMax = 30_000
/** Whoever compares the times of events allows the clocks of two gateways to differ by so much. */
export const clocksMs = 2_000
/** How long after its instant a request may still append, by the clock of another gateway. */
export const raceMs = requestLifeMsMax + clocksMs
/** More predecessors than this are looked up in the stream instead of carried along. */
export const recentMax = 8

/** The longest life of a token that guards accept: cutoffs are remembered at least as long. */
export const longestLifetimeMs = (
  policy: Pick<SessionPolicy, 'accessLifetimeMs' | 'slidingLifetimeMs' | 'foreignLifetimeMs'>,
): number =>
  Math.max(policy.accessLifetimeMs, policy.slidingLifetimeMs, policy.foreignLifetimeMs ?? 0)

/** `exp` of a token issued at `iat`, which never passes the session's greatest age. */
export const expiryOf = (
  iat: EpochSeconds,
  lifetimeMs: number,
  startedAt: EpochMs,
  policy: SessionPolicy,
): EpochSeconds =>
  Math.min(
    iat + Math.floor(lifetimeMs / 1000),
    Math.floor((startedAt + policy.sessionMaxLifetimeMs) / 1000),
  ) as EpochSeconds

/**
 * When the database may delete a session's commit: a day after its last token, never earlier than
 * before.
 */
export const commitExpiry = (expMax: EpochSeconds): EpochMs => (expMax * 1000 + dayMs) as EpochMs

/** When a session's revocation may be forgotten: no access token of it can be alive then. */
export const revocationExpiry = (session: Pick<SessionState, 'accessExpMax'>): EpochMs =>
  (session.accessExpMax * 1000 + revocationMarginMs) as EpochMs

/** When a cutoff may be forgotten: the longest lifetime ever in force after its instant. */
export const cutoffExpiry = (at: EpochMs, longestMs: number): EpochMs =>
  (at + longestMs + revocationMarginMs) as EpochMs

/**
 * How long the log keeps revocations: never less than a day, so that a guard that was down for a
 * night starts from the log.
 */
export const retentionOf = (longestLifetimeMs: number): number =>
  Math.max(dayMs, 2 * longestLifetimeMs)
