import type { LogRecord } from '../../../shared/events/record.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { CommitRecords } from './commit-records.ts'

/** A request that takes longer keeps whoever comes now from waiting behind it. */
const slowMs = 1_000

/** What the last requests to the log say about the next one. */
export class LogAvailability {
  readonly #log: EventLog
  readonly #clock: Clock
  #sentAtMs: number | null = null
  #down: Error | null = null

  constructor(log: EventLog, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /** Why the last request failed; `null` once one succeeded. */
  get down(): Error | null {
    return this.#down
  }

  /** Whether a request is under way that takes long. */
  get isSlow(): boolean {
    const sinceMs = this.#sentAtMs
    return sinceMs !== null && this.#clock.monotonicMs() - sinceMs > slowMs
  }

  async publish(records: readonly LogRecord[]): Promise<readonly number[]> {
    this.#sentAtMs = this.#clock.monotonicMs()
    try {
      const offsets = await this.#log.publish(records)
      this.#down = null
      return offsets
    } finally {
      this.#sentAtMs = null
    }
  }

  /** Without the events beside it; `null` when it has none, or there is no revocation. */
  async publishRevocation({ revocation, records }: CommitRecords): Promise<number | null> {
    if (!revocation || revocation.index + 1 === records.length) return null
    const offsets = await this.publish(records.slice(0, revocation.index + 1))
    return offsets[revocation.index] ?? null
  }

  failed(error: unknown): Error {
    this.#down = error instanceof Error ? error : new AuthError('LOG_UNAVAILABLE', 'unknown')
    return this.#down
  }

  /** The log was verified, and nothing is there to try it with. */
  mayBeUp(): void {
    this.#down = null
  }
}
