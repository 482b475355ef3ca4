import type { Clock } from '../clock.ts'

/**
 * `none` before the first success; `old` when the last one is older than the bound; `settling` for
 * a moment after such a gap, so that what comes and goes does not flap; else `fresh`.
 */
export type CallHealthState = 'none' | 'fresh' | 'settling' | 'old'

const steadyMs = 1_000

/**
 * The health of a part (a store, a log), from the outcomes of the calls that are made anyway. To
 * ask for it costs no call. A part that hangs has no outcome, so its last success grows old.
 */
export class CallHealth {
  readonly #clock: Clock
  readonly #withinMs: number
  #succeededMs: number | null = null
  #steadySinceMs = Number.NEGATIVE_INFINITY
  #failure: Error | null = null
  #failedMs = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(clock: Clock, withinMs: number) {
    this.#clock = clock
    this.#withinMs = withinMs
  }

  succeeded(): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#succeededMs !== null && nowMs - this.#succeededMs > this.#withinMs) {
      this.#steadySinceMs = nowMs
    }
    this.#succeededMs = nowMs
    this.#failure = null
    this.#failures = 0
  }

  failed(error: Error): void {
    this.#failure = error
    this.#failures += 1
    this.#failedMs = this.#clock.monotonicMs()
  }

  /** How the newest call failed; `null` when it did not. */
  get failure(): Error | null {
    return this.#failure
  }

  /** Failures since the last success, the newest of them within `ms`. */
  failuresWithin(ms: number): number {
    return this.#clock.monotonicMs() - this.#failedMs <= ms ? this.#failures : 0
  }

  /** Since the last success; infinite before the first. */
  ageMs(): number {
    return this.#succeededMs === null
      ? Number.POSITIVE_INFINITY
      : this.#clock.monotonicMs() - this.#succeededMs
  }

  state(): CallHealthState {
    if (this.#succeededMs === null) return 'none'
    if (this.ageMs() > this.#withinMs) return 'old'
    const steadyForMs = this.#clock.monotonicMs() - this.#steadySinceMs
    return steadyForMs < steadyMs ? 'settling' : 'fresh'
  }
}

type Settled = (failure: Error | null) => void

/**
 * As `port`; `settled` hears how each call of these methods ended. Other members pass as they are.
 */
export const recordOutcomes = <Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  settled: Settled,
): Port => {
  const names: ReadonlySet<string | symbol> = new Set(methods)
  /** By the member that they stand for. */
  const observed = new Map<unknown, unknown>()
  const observe = (member: (...given: unknown[]) => unknown, name: string | symbol): unknown => {
    if (!names.has(name)) return member.bind(port)
    return async (...given: unknown[]): Promise<unknown> => {
      try {
        const answer: unknown = await Reflect.apply(member, port, given)
        settled(null)
        return answer
      } catch (error) {
        settled(error as Error)
        throw error
      }
    }
  }
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const known = observed.get(member)
      if (known) return known
      const made = observe(member as (...given: unknown[]) => unknown, name)
      observed.set(member, made)
      return made
    },
  })
}
