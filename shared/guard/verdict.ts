import type { EpochMs, LogId } from '../kernel/ids.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import type { TokenProblem } from '../tokens/verify.ts'

/** What a guard says of a token. */
export type Verdict =
  /**
   * `fresh` is false only under the policy `allow`: accepted although a revocation may be unknown
   * here.
   */
  | Readonly<{ outcome: 'accepted'; claims: BearerClaims; fresh: boolean }>
  | Readonly<{ outcome: 'refused'; reason: 'invalid' | 'expired' | 'wrong_type' | 'revoked' }>
  /** Nobody can say now: a 503, never a 401, since the caller may be right. */
  | Readonly<{
      outcome: 'unavailable'
      reason: 'stale' | 'not_ready' | 'introspection_failed'
    }>

type Reason = Extract<Verdict, { outcome: 'refused' }>['reason']

export const refused = (reason: Reason): Verdict => ({ outcome: 'refused', reason })

export const refusalOf = {
  malformed: 'invalid',
  unknown_key: 'invalid',
  expired: 'expired',
  wrong_type: 'wrong_type',
} as const satisfies Record<TokenProblem, Reason>

/** What to do with a token when freshness cannot be proved. */
export type OnStale = 'introspect' | 'deny' | 'allow'

export type GuardStatus = Readonly<{
  ready: boolean
  keysReady: boolean
  caughtUp: boolean
  /** Every revocation acknowledged strictly before it is known here. */
  closedTime: EpochMs | null
  /** `null` = nothing bounds it. */
  stalenessMs: number | null
  logId: LogId | null
  /** How many revocations are held. */
  entries: number
  /** The offset of a record that could not be read and stops the closed time. */
  blockedAt: number | null
}>
