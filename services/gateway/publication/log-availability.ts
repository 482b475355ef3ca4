import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { CommitRecords } from './commit-records.ts'

/** While a request takes longer than this, nobody else is made to wait behind it. */
const slowMs = 1_000

/** Whether the log is down or slow, judged by the last requests. */
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

  /** Whether the request in flight takes longer than a second. */
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

  /**
   * Publishes the revocations of a commit without its events, and answers the offset of the last;
   * `null`, and nothing is sent, if it has no revocation or no event.
   */
  async publishRevocation({ revocation, records }: CommitRecords): Promise<number | null> {
    if (!revocation || revocation.index + 1 === records.length) return null
    const offsets = await this.publish(records.slice(0, revocation.index + 1))
    return offsets[revocation.index] ?? null
  }

  noteFailure(error: unknown): Error {
    this.#down = error instanceof Error ? error : new AuthError('LOG_UNAVAILABLE', 'unknown')
    return this.#down
  }

  /** For when the log was verified and no commit is there by which to try it. */
  assumeUp(): void {
    this.#down = null
  }
}
