import {
  type GuardMetrics,
  type Histogram,
  type VerdictName,
  verdictName,
} from '../api/guard-metrics.ts'
import type { Verdict } from '../api/verdict.ts'

/** Upper bounds in seconds; what is longer counts in `count` alone. */
const boundsS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** Counts verdicts, and how long revocations took until they were refused by. */
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

  countVerdict(verdict: Verdict): Verdict {
    this.#checks[verdictName(verdict)] += 1
    return verdict
  }

  countRefusalDelay(ageMs: number): void {
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
