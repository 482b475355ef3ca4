import type { GuardStatus, Verdict } from './verdict.ts'

/** As Prometheus has it: each bucket counts all that took at most `le` seconds. */
export type Histogram = Readonly<{
  buckets: readonly Readonly<{ le: number; count: number }>[]
  sum: number
  count: number
}>

type Accepted = 'accepted' | 'accepted_stale'
export type VerdictName = Accepted | Exclude<Verdict, { outcome: 'accepted' }>['reason']

/** What a guard counted since it was made; nothing in it names a user or a token. */
export type GuardMetrics = GuardStatus &
  Readonly<{
    checks: Readonly<Record<VerdictName, number>>
    /** Verified tokens that are kept: `hits` cost no signature check. */
    tokens: Readonly<{ hits: number; misses: number; entries: number; bytes: number }>
    /** Memory of the revocations that are held. */
    revocationBytes: number
    /**
     * Seconds from a revocation (`revokedAt`, by the store's clock) until this guard refuses by it,
     * by this host's clock: wrong by what the two differ, at most `maxClockErrorMs`; a negative
     * difference counts as 0. Only what was news, and came after the guard had caught up.
     */
    refusalSeconds: Histogram
    /** Callers whose end somebody waits for. */
    openCallers: number
  }>

export const verdictName = (verdict: Verdict): VerdictName => {
  if (verdict.outcome !== 'accepted') return verdict.reason
  return verdict.fresh ? 'accepted' : 'accepted_stale'
}
