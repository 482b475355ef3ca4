export type RateRule = Readonly<{
  /** Part of the stored key; a rule that changes its numbers needs a new name. */
  name: string
  points: number
  windowMs: number
}>
export type Verdict = Readonly<{ allowed: boolean; retryAfterMs: number }>

/**
 * Counts attempts per rule and key in fixed windows.
 * - `take` is atomic: of N racing calls at most `points` are allowed.
 * - Not promised: that counts survive a crash, or (when the shared store is down) that gateways
 *   count together.
 */
export interface RateLimits {
  take(rule: RateRule, key: string): Promise<Verdict>
  /** Gives back one point, as after a success. */
  giveBack(rule: RateRule, key: string): Promise<void>
  close(): Promise<void>
}
