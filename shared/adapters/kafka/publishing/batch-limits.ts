import type { Clock } from '../../../kernel/clock.ts'

// A broker takes batches of 1 MiB per partition by default, and refuses the whole of a greater one.
const requestBytesMax = 768 * 1024
const requestBytesMin = 2 * 1024
/** An administrator may have raised the limit. */
const tryAgainMs = 60_000

type Refusal = Readonly<{ bytes: number; untilMs: number; why: Error }>

/**
 * What a broker was seen to refuse for its size: how large a request may be, and from which size on
 * one record alone is too large for its topic. Forgotten after a minute.
 */
export class BatchLimits {
  readonly #clock: Clock
  readonly #records = new Map<string, Refusal>()
  #request = requestBytesMax
  #growAtMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many bytes one request may have. */
  request(): number {
    if (this.#request < requestBytesMax && this.#clock.monotonicMs() >= this.#growAtMs) {
      this.#request = Math.min(this.#request * 2, requestBytesMax)
      this.#growAtMs = this.#clock.monotonicMs() + tryAgainMs
    }
    return this.#request
  }

  /** A request of several records was refused, or ended its connection. */
  requestRefused(bytes: number): void {
    const half = Math.max(Math.floor(bytes / 2), requestBytesMin)
    this.#request = Math.min(this.#request, half)
    this.#growAtMs = this.#clock.monotonicMs() + tryAgainMs
  }

  recordRefused(topic: string, bytes: number, why: Error): void {
    const before = this.#known(topic)
    if (before && before.bytes <= bytes) return
    this.#records.set(topic, { bytes, why, untilMs: this.#clock.monotonicMs() + tryAgainMs })
  }

  /** What was refused of this topic, if a record of this size would be too. */
  refusal(topic: string, bytes: number): Refusal | null {
    const known = this.#known(topic)
    return known && bytes >= known.bytes ? known : null
  }

  #known(topic: string): Refusal | undefined {
    const known = this.#records.get(topic)
    if (!known || this.#clock.monotonicMs() < known.untilMs) return known
    this.#records.delete(topic)
    return undefined
  }
}
