import type { GuardStatus, Verdict } from './verdict.ts'

/** Upper bounds in seconds; what is longer counts in `count` alone. */
const boundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

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

export class GuardMeter {
  readonly #checks: Record<VerdictName, number> = {
    accepted: 0,
    accepted_stale: 0,
    invalid: 0,
    expired: 0,
    wrong_type: 0,
    revoked: 0,
    stale: 0,
    not_ready: 0,
    introspection_failed: 0,
    position_not_reached: 0,
    position_malformed: 0,
  }
  readonly #counts: number[] = boundsS.map(() => 0)
  #sum = 0
  #count = 0

  judged(verdict: Verdict): Verdict {
    this.#checks[verdictName(verdict)] += 1
    return verdict
  }

  learned(ageMs: number): void {
    const seconds = Math.max(ageMs, 0) / 1_000
    this.#sum += seconds
    this.#count += 1
    const bucket = boundsS.findIndex((bound) => seconds <= bound)
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  get checks(): GuardMetrics['checks'] {
    return { ...this.#checks }
  }

  get refusalSeconds(): Histogram {
    let below = 0
    const buckets = boundsS.map((le, index) => {
      below += this.#counts[index] ?? 0
      return { le, count: below }
    })
    return { buckets, sum: this.#sum, count: this.#count }
  }
}
