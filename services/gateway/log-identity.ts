import type { CommitId } from '../../shared/events/commit.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import { newLogId } from '../../shared/kernel/entropy.ts'
import type { EventId, LogId } from '../../shared/kernel/ids.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { EventStore, Tick } from '../../shared/ports/event-store.ts'
import { type Encoder, revocationsOf } from './publication.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
const pageMax = 200

type Parts = Readonly<{
  store: EventStore
  log: EventLog
  encoder: Encoder
  entropy: Entropy
  logger: Logger
}>

/**
 * Whether the log is still the one that acknowledged. `published` never forgets, a log may: a topic
 * made again, a broker that lost its disk (H5). Then the log gets a new identity and hears every
 * live revocation again, before any closed time is written under it.
 */
export class LogIdentity {
  readonly #parts: Parts
  #verified: LogId | null = null
  #suspect = true

  constructor(parts: Parts) {
    this.#parts = parts
  }

  current(): LogId | null {
    return this.#verified
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
    const { store, logger, entropy } = this.#parts
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
    // Nobody has closed time under this identity, so nobody may have told everything yet.
    if (!intact || tick.closed === 0) await this.#tellAgain(logId, tick)
    this.#verified = logId
    return logId
  }

  async #holds({ acknowledged }: Tick): Promise<boolean> {
    const { log } = this.#parts
    const { start } = await log.bounds(revocations)
    if (!acknowledged || acknowledged.offset < start) return true
    if (await log.endsBelow(revocations, acknowledged.offset + 1)) return false
    const record = await log.recordAt(revocations, acknowledged.offset)
    return record?.headers['ce_id'] === acknowledged.id
  }

  async #tellAgain(logId: LogId, tick: Tick): Promise<void> {
    const { store, log, encoder, logger } = this.#parts
    let after: CommitId | null = null
    let count = 0
    for (;;) {
      const page = await store.revocationsAfter(after, tick.t, pageMax)
      if (page.length === 0) break
      // All of them, marked or not: a mark may still be on its way for what the old log
      // acknowledged.
      const records = page.flatMap((commit) => revocationsOf(commit, encoder))
      const offsets = records.length > 0 ? await log.publish(records) : []
      const offset = offsets.at(-1)
      const id = records.at(-1)?.headers['ce_id'] as EventId | undefined
      if (offset !== undefined && id) await store.noteAcknowledged(logId, { offset, id })
      count += records.length
      after = page.at(-1)?.id ?? null
    }
    if (count > 0) logger.warn({ logId, count }, 'live revocations were told again')
  }
}
