import { type Entropy, newLogId } from '../../../shared/kernel/entropy.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore, RelayState } from '../../../shared/ports/event-store.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const

export type LogBounds = Awaited<ReturnType<EventLog['bounds']>>

type Deps = Readonly<{
  store: EventStore
  log: EventLog
  entropy: Entropy
  logger: Logger
}>

/**
 * Verifies that the log still has what it acknowledged, and knows where it begins and ends. The
 * marks `published` in the store stay for ever, but a log may lose records: a topic is made again,
 * a broker loses its disk. Then the log gets a new identity. Under it nothing counts as published,
 * so the relay publishes every revocation in force again before it closes time.
 */
export class LogIdentity {
  readonly #deps: Deps
  #verified: LogId | null = null
  #needsVerification = true
  #lastBounds: LogBounds | null = null
  #sharedRead: Promise<LogBounds> | null = null
  #isRechecking = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  current(): LogId | null {
    return this.#verified
  }

  /** The bounds as they were read last; `null` before the first time. */
  lastBounds(): LogBounds | null {
    return this.#lastBounds
  }

  /** Reads the bounds now. @throws AuthError LOG_UNAVAILABLE */
  async readBounds(): Promise<LogBounds> {
    const bounds = await this.#deps.log.bounds(revocations)
    this.#lastBounds = bounds
    return bounds
  }

  /** As `readBounds`, but joins a read that is under way, which may have begun before this call. */
  readBoundsShared(): Promise<LogBounds> {
    this.#sharedRead ??= this.readBounds().finally(() => {
      this.#sharedRead = null
    })
    return this.#sharedRead
  }

  /**
   * Checks, while others go on, whether the log still has the newest record it acknowledged. This
   * finds a log that was made again while no request failed and that has grown beyond the old
   * one's end. Does not throw.
   */
  recheckInBackground(tick: RelayState): void {
    if (this.#isRechecking || tick.logId === null) return
    this.#isRechecking = true
    this.#holdsAcknowledged(tick)
      .then((holds) => {
        if (!holds) this.requireVerification()
      })
      .catch(() => {}) // The next request to the log fails as well, and is logged.
      .finally(() => {
        this.#isRechecking = false
      })
  }

  /** After a failure of the log: it must be verified again before time is closed. */
  requireVerification(): void {
    this.#needsVerification = true
  }

  /**
   * The log's identity, verified if need be. Rejects when the log or the store does not answer;
   * then no time is closed.
   */
  async ensureVerified(tick: RelayState): Promise<LogId> {
    const known = this.#verified
    if (known !== null && known === tick.logId && !this.#needsVerification) return known
    this.#needsVerification = false
    try {
      return await this.#verify(tick)
    } catch (error) {
      this.#needsVerification = true
      throw error
    }
  }

  async #verify(tick: RelayState): Promise<LogId> {
    const { store, logger, entropy } = this.#deps
    const isSameLog = tick.logId !== null && (await this.#holdsAcknowledged(tick))
    const logId =
      isSameLog && tick.logId !== null
        ? tick.logId
        : await store.renewLogId(tick.logId, newLogId(entropy))
    if (tick.logId !== null && logId !== tick.logId) {
      logger.error(
        { logId, before: tick.logId },
        'the log lost acknowledged records: new identity, live revocations are told again',
      )
    }
    // The bounds were those of the other log.
    if (logId !== this.#verified) this.#lastBounds = null
    this.#verified = logId
    return logId
  }

  /**
   * Whether the log has the newest record that it acknowledged. A record below the log's start need
   * not be checked, since it counts as unpublished anyway.
   */
  async #holdsAcknowledged({ acknowledged }: RelayState): Promise<boolean> {
    const { log } = this.#deps
    const { start } = await log.bounds(revocations)
    if (!acknowledged || acknowledged.offset < start) return true
    if (await log.endsBelow(revocations, acknowledged.offset + 1)) return false
    const record = await log.recordAt(revocations, acknowledged.offset)
    return record?.headers['ce_id'] === acknowledged.id
  }
}
