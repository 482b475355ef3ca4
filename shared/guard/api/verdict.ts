import type { EpochMs, LogId } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { TokenProblem } from '../../tokens/verification/index.ts'

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
      reason: 'stale' | 'not_ready' | 'introspection_failed' | 'position_not_reached'
    }>
  /** The question is wrong, whatever the token is: a 400. */
  | Readonly<{ outcome: 'misasked'; reason: 'position_malformed' }>

type Reason = Extract<Verdict, { outcome: 'refused' }>['reason']

export const refused = (reason: Reason): Verdict => ({ outcome: 'refused', reason })

type Unavailable = Extract<Verdict, { outcome: 'unavailable' }>['reason']

export const unavailable = (reason: Unavailable): Verdict => ({ outcome: 'unavailable', reason })

export const refusalOf = {
  malformed: 'invalid',
  unknown_key: 'invalid',
  expired: 'expired',
  wrong_type: 'wrong_type',
} as const satisfies Record<TokenProblem, Reason>

/** What to do with a token when freshness cannot be proved. */
export type OnStale = 'introspect' | 'deny' | 'allow'

export type CheckOptions = Readonly<{
  /**
   * A `Revocation-Position` that somebody was answered: the verdict knows all up to it. What is no
   * position is `misasked`. Where it is not reached within `positionWaitMs`, the gateway is asked,
   * or under `deny`, or with nobody to ask, the verdict is `position_not_reached`.
   */
  minPosition?: string | undefined
  /** Instead of the guard's own policy; `introspect` needs a guard that can. */
  onStale?: OnStale | undefined
}>

/** What a guard can prove of the age of its knowledge. */
export type GuardFreshness = Readonly<{
  /** Every revocation acknowledged strictly before it is known here. */
  closedTime: EpochMs | null
  /** An upper bound, with what clocks may differ; `null` = nothing bounds it. */
  stalenessMs: number | null
  /** Whether that is within `maxStalenessMs`. */
  fresh: boolean
  logId: LogId | null
  /** Everything that was in the log at the start has been read. */
  caughtUp: boolean
  /** The offset of a record that could not be read and stops the closed time. */
  blockedAt: number | null
  /**
   * There while no closed time counts: this reading began at `began`, one must have read from `low`
   * on, and what lay between was deleted from the log. It ends when gateways have told it again.
   */
  uncovered?: Readonly<{ began: number; low: number | null }>
}>

export type GuardStatus = GuardFreshness &
  Readonly<{
    /** Fresh, and with keys: the service may get traffic. */
    ready: boolean
    keysReady: boolean
    /** How many revocations are held. */
    entries: number
    /** What the feed said last when it told nothing since, such as a right that it lacks. */
    trouble: string | null
  }>
