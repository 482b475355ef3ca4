import type { EventCheck } from '../../shared/events/event-mac.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import { degraded, ok, type PartHealth, unready } from '../../shared/http/health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { LogId } from '../../shared/kernel/ids.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'
import type { Meter } from '../../shared/metrics/meter.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { RevocationFeed } from '../../shared/ports/revocation-feed.ts'
import type { DailyStoreComparison } from './daily-store-comparison.ts'
import { LogLifeFollower } from './log-life-follower.ts'
import { type Sealed, type TrailPlan, TrailWorkerHost, type Verified } from './thread/index.ts'
import { alarmText, type TrailAlarm } from './trees/index.ts'

export type AuditorParts = Readonly<{
  log: EventLog
  /** Reads the closed times, which name the log and say how far it is complete. */
  feed: RevocationFeed
  plan: TrailPlan
  /** How it is told that a gateway of the fleet wrote an event. */
  events: EventCheck
  clock: Clock
  logger: Logger
  meter: Meter
  /** Compares the trail with the event store; absent where this process cannot reach the store. */
  comparison?: DailyStoreComparison
}>

const firstWaitMs = 1_000
const waitMsMax = 30_000
/** Three seals may be late, and a minute may pass without an event. */
const headAgeMaxMs = 90_000
const verifyEveryMs = 86_400_000
/** Not while everything starts. */
const firstVerifyMs = 60_000

/**
 * Follows `auth.events` and has a thread make the trail of it. What fails in the thread ends it;
 * the next one goes on from the disk. Any number of auditors come to the same roots.
 */
export class Auditor implements Closable {
  readonly #parts: AuditorParts
  readonly #stopping = new AbortController()
  readonly #trouble: RepeatedTrouble
  readonly #refused = new Map<number, TrailAlarm>()
  #failure: string | null = null
  #finding: string | null = null
  #nextVerifyMs: number
  #thread: TrailWorkerHost | null = null
  #life: LogLifeFollower | null = null
  #logId: LogId | null = null
  #sealed: Sealed | null = null
  #sealedMs: number
  #running: Promise<void> | null = null

  constructor(parts: AuditorParts) {
    this.#parts = parts
    this.#trouble = new RepeatedTrouble(parts.clock)
    this.#sealedMs = parts.clock.monotonicMs()
    this.#nextVerifyMs = this.#sealedMs + firstVerifyMs
    const { meter } = parts
    meter.onCollect(() => {
      meter.set('curfew_trail_head_age_seconds', {}, this.#headAgeMs() / 1_000)
    })
  }

  /** Begins; it waits for the log by itself. */
  start(): void {
    this.#running = Promise.all([this.#hearClosedTimes(), this.#run()]).then(() => {})
  }

  /**
   * `degraded` where the trail is not what it promises and another process may still serve.
   */
  health(): PartHealth {
    const [alarm] = this.#refused.values()
    if (alarm) return unready(`${alarmText(alarm)}: docs/audit.md`)
    if (this.#failure !== null) return unready(this.#failure)
    if (this.#finding !== null) return unready(`${this.#finding}: docs/audit.md`)
    if (this.#sealed === null) return unready('no head is signed yet')
    return this.#headAgeMs() > headAgeMaxMs ? degraded('the newest head is old') : ok()
  }

  /** The `.tlog-proof` of an event; `null` when no signed log has it (yet). */
  async receipt(id: string): Promise<Uint8Array | null> {
    return (await this.#thread?.receipt(id)) ?? null
  }

  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#running
    await this.#parts.feed.close()
  }

  #headAgeMs(): number {
    return this.#parts.clock.monotonicMs() - this.#sealedMs
  }

  async #hearClosedTimes(): Promise<void> {
    const { feed, clock } = this.#parts
    let isCaughtUp = false
    let newest: LogId | null = null
    const settle = (): void => {
      if (isCaughtUp) this.#logId = newest
    }
    const sink = {
      onItems: (items: readonly RevocationItem[]) => {
        for (const item of items) {
          if (item.kind !== 'closed' && item.kind !== 'uncovered') continue
          newest = item.closed.logId
          this.#thread?.noteClosed(item.closed.t)
        }
        settle()
      },
      onReset: () => {
        isCaughtUp = false
      },
      onCaughtUp: () => {
        isCaughtUp = true
        settle()
      },
      onTrouble: (error: Error) => this.#note(error),
    }
    while (!this.#stopping.signal.aborted) {
      const isOpen = await feed.open(sink).then(
        () => true,
        (error: Error) => this.#note(error),
      )
      if (isOpen === true) return
      await clock.sleep(firstWaitMs, this.#stopping.signal)
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { clock } = this.#parts
    for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(waitMs * 2, waitMsMax)) {
      const beganMs = clock.monotonicMs()
      await this.#runThread().catch((error: Error) => this.#note(error))
      if (clock.monotonicMs() - beganMs > waitMsMax) waitMs = firstWaitMs
      await clock.sleep(waitMs, signal)
    }
  }

  /** Until it fails, or the auditor stops. */
  async #runThread(): Promise<void> {
    const { plan, events, clock } = this.#parts
    const thread = new TrailWorkerHost(plan, events, {
      onAlarm: (alarm) => this.#alarm(alarm),
      onSealed: (sealed) => this.#noteSealed(sealed),
      onVerified: (verified) => this.#noteVerified(verified),
      onStreams: (streams) => this.#parts.comparison?.take(streams),
    })
    this.#thread = thread
    this.#refused.clear()
    const over = new AbortController()
    void thread.ended.then(() => over.abort())
    const signal = AbortSignal.any([over.signal, this.#stopping.signal])
    try {
      while (!signal.aborted) {
        thread.takeRing(events.ring)
        await this.#followLog(thread, signal)
        this.#verifyWhenDue(thread, signal)
        await clock.sleep(lookMs, signal)
      }
    } finally {
      await this.#life?.stop()
      this.#life = null
      this.#thread = null
      const failure = await thread.close().then(() => thread.ended)
      if (failure && !this.#stopping.signal.aborted) this.#note(failure)
    }
  }

  /** Begins to follow the log that closed times name, unless it is followed already. */
  async #followLog(thread: TrailWorkerHost, signal: AbortSignal): Promise<void> {
    const logId = this.#logId
    if (logId === null || this.#life?.logId === logId || signal.aborted) return
    const { log, events } = this.#parts
    const { ring } = events
    await this.#life?.stop()
    this.#life = null
    const { life, sizes } = await thread.begin(logId, await log.partitions('auth.events'))
    this.#parts.logger.info({ life }, 'the trail is gone on with')
    this.#life = new LogLifeFollower({ log, thread, logId, life, sizes, ring })
    await this.#life.follow((error) => this.#note(error))
  }

  /** Once a day, the first time soon after a start, when there is something to verify. */
  #verifyWhenDue(thread: TrailWorkerHost, signal: AbortSignal): void {
    const nowMs = this.#parts.clock.monotonicMs()
    const sizes = [...(this.#sealed?.sizes.values() ?? [])]
    if (this.#life === null || nowMs < this.#nextVerifyMs) return
    if (!sizes.some((size) => size > 0)) return
    this.#nextVerifyMs = nowMs + verifyEveryMs
    const { comparison } = this.#parts
    comparison?.begin()
    thread.verify(comparison !== undefined)
    this.#life.compare(signal).catch((error: Error) => this.#note(error))
  }

  #noteVerified({ leaves, findings, first }: Verified): void {
    const { meter, logger, comparison } = this.#parts
    void comparison?.end()
    meter.set('curfew_trail_findings', {}, findings)
    this.#finding = first[0] ?? null
    if (findings === 0) logger.info({ leaves }, 'the trail is as it was signed')
    else logger.error({ findings, first }, 'the trail is not as it was signed')
  }

  #noteSealed(sealed: Sealed): void {
    this.#sealed = sealed
    this.#sealedMs = this.#parts.clock.monotonicMs()
    this.#failure = null
    this.#trouble.ended()
    for (const [partition, size] of sealed.sizes) {
      this.#parts.meter.set('curfew_trail_leaves', { partition: String(partition) }, size)
    }
  }

  #alarm(alarm: TrailAlarm): void {
    const { kind, partition, offset } = alarm
    if (kind === 'rewritten' || kind === 'shorter') this.#refused.set(partition, alarm)
    this.#parts.meter.count('curfew_trail_alarms_total', { kind })
    const times = this.#trouble.occurred(`${kind} ${partition}`)
    if (times === null) return
    this.#parts.logger.error({ kind, partition, offset, times }, alarmText(alarm))
  }

  #note(error: Error): void {
    if (this.#stopping.signal.aborted) return
    this.#failure = error.message
    const times = this.#trouble.occurred(error.message)
    if (times !== null) this.#parts.logger.error({ error, times }, 'the trail has trouble')
  }
}

const lookMs = 100
