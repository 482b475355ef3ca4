import type { BearerClaims } from '../../tokens/claims.ts'

/** Who sent the request. */
export type Caller = Readonly<{
  claims: BearerClaims
  /** False only under the policy `allow`, when a revocation may be unknown here. */
  fresh: boolean
  /**
   * Aborts when the caller is none any more, as `guard.onEnded` tells it: `signal.reason` is the
   * `CallerEnded`. It watches from its first use until the response is closed, and no longer. Cost:
   * none to who never uses it. It is not listed among the members, so logging a caller uses it not.
   *
   * @throws TypeError when the guard is one that cannot tell (a stand-in without `onEnded`).
   */
  signal: AbortSignal
}>
