import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { newLogId } from '../../../shared/kernel/entropy.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore, Tick } from '../../../shared/ports/event-store.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const

export type LogBounds = Awaited<ReturnType<EventLog['bounds']>>

type Parts = Readonly<{
  store: EventStore
  log: EventLog
  entropy: Entropy
  logger: Logger
}>

/**
 * Whether the log is still the one that acknowledged, and where it begins and ends. `published`
 * never forgets, a log may: a topic made again, a broker that lost its disk. Then the log gets a
 * new identity, under which nothing counts as published, so the relay tells every live revocation
 * again before it closes time.
 */
export class LogIdentity {
  readonly #deps: Parts
  #verified: LogId | null = null
  #suspect = true
  #seen: LogBounds | null = null
  #shared: Promise<LogBounds> | null = null
  #looking = false

  constructor(deps: Parts) {
    this.#deps = deps
  }

  current(): LogId | null {
    return this.#verified
  }

  /** Where the log began and ended when somebody looked last; `null` while nobody did. */
  seen(): LogBounds | null {
    return this.#seen
  }

  /** Looks now. @throws AuthError LOG_UNAVAILABLE */
  async look(): Promise<LogBounds> {
    const bounds = await this.#deps.log.bounds(revocations)
    this.#seen = bounds
    return bounds
  }

  /** As `look`, but one look for all who ask meanwhile: it may have begun before. */
  lookShared(): Promise<LogBounds> {
    this.#shared ??= this.look().finally(() => {
      this.#shared = null
    })
    return this.#shared
  }

  /**
   * Looks aside, whether the log holds what it acknowledged; for a log that was made again while no
   * request failed, and has grown past what is known of the old one. Never rejects.
   */
  lookAgain(tick: Tick): void {
    if (this.#looking || tick.logId === null) return
    this.#looking = true
    this.#holds(tick)
      .then((holds) => {
        if (!holds) this.suspect()
      })
      .catch(() => {}) // Whoever needs the log meets the same trouble.
      .finally(() => {
        this.#looking = false
      })
  }

  /** After trouble with the log: look again before closed time goes on. */
  suspect(): void {
    this.#suspect = true
  }

  /** Rejects when the log or the store does not answer; closed time waits then. */
  async ensure(tick: Tick): Promise<LogId> {
    const known = this.#verified
    if (known !== null && known === tick.logId && !this.#suspect) return known
    this.#suspect = false
    try {
      return await this.#verify(tick)
    } catch (error) {
      this.#suspect = true
      throw error
    }
  }

  async #verify(tick: Tick): Promise<LogId> {
    const { store, logger, entropy } = this.#deps
    const intact = tick.logId !== null && (await this.#holds(tick))
    const logId =
      intact && tick.logId !== null
        ? tick.logId
        : await store.renewLogId(tick.logId, newLogId(entropy))
    if (tick.logId !== null && logId !== tick.logId) {
      logger.error(
        { logId, before: tick.logId },
        'the log lost acknowledged records: new identity, live revocations are told again',
      )
    }
    // The other log's end says nothing of this one's.
    if (logId !== this.#verified) this.#seen = null
    this.#verified = logId
    return logId
  }

  /** What lies below the log's start counts as unpublished anyway, so it need not be looked at. */
  async #holds({ acknowledged }: Tick): Promise<boolean> {
    const { log } = this.#deps
    const { start } = await log.bounds(revocations)
    if (!acknowledged || acknowledged.offset < start) return true
    if (await log.endsBelow(revocations, acknowledged.offset + 1)) return false
    const record = await log.recordAt(revocations, acknowledged.offset)
    return record?.headers['ce_id'] === acknowledged.id
  }
}
