import type { Topic } from '../../shared/events/log-record.ts'
import type { MacRing } from '../../shared/events/record-mac.ts'
import { type PartHealth, unready } from '../../shared/http/health.ts'
import { logHealth } from '../../shared/http/log-health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { isAuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { secondsOrNever } from '../../shared/metrics/guard-metrics-text.ts'
import type { BlacklistView } from '../../shared/ports/blacklist-view.ts'
import type { Following, LogBatch } from '../../shared/ports/event-log.ts'
import type { SessionList } from '../../shared/ports/session-list.ts'
import type { FoldParts } from './fold-parts.ts'
import { LogFold } from './log-fold.ts'
import { ViewAge } from './view-age.ts'

export type ProjectorParts = FoldParts & Readonly<{ viewAgeMaxMs?: number }>
export type Projector = Closable &
  Readonly<{
    health: () => Readonly<Record<string, PartHealth>>
    /**
     * The next offset that is not in the view yet; 0 while the partition is not this projector's.
     */
    folded: (topic: Topic, partition: number) => number
  }>

/**
 * One consumer group for each fleet. In a shared group, partitions could be assigned to a projector
 * of another fleet, which would not fold them.
 */
const projectorGroup = ({ fleet }: MacRing): string =>
  fleet === undefined ? 'curfew-projector' : `curfew-projector-${fleet}`

const topics: readonly Topic[] = ['auth.revocations', 'auth.events']
const retryMs = 500
/** Three of the longest ticks. */
export const defaultViewAgeMs = 15_000
const sweepPauseMs = 30_000
const sweepBreathMs = 50
const sweptPerRun = 1_000

/**
 * Follows the log and folds it into the blacklist view. It follows again from the stored fences if
 * the log turns out to be another one, or if another projector cleared the view.
 */
class FollowingFold implements Closable {
  readonly fold: LogFold
  readonly #parts: FoldParts
  readonly #closing: AbortController
  #pass = 0
  #following: Following | undefined
  #opening: Promise<void>

  constructor(parts: FoldParts) {
    this.#parts = parts
    this.#closing = new AbortController()
    this.fold = new LogFold(parts, this.#closing.signal)
    this.#opening = this.#follow()
  }

  opened(): Promise<void> {
    return this.#opening
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#opening.catch(() => {}) // `opened` has rejected with it already.
    await this.#following?.stop()
    await this.fold.idle()
  }

  async #follow(): Promise<void> {
    this.#pass += 1
    const pass = this.#pass
    this.#following = await this.#parts.log.follow({
      topics,
      group: projectorGroup(this.#parts.ring),
      resumeAt: (partition) => this.fold.resumeAt(partition),
      onBatch: (batch) => this.#take(pass, batch),
      onTrouble: (error) => this.#noteTrouble(error),
    })
  }

  async #take(pass: number, batch: LogBatch): Promise<void> {
    if (pass !== this.#pass) return
    const outcome = await this.fold.apply(batch)
    if (outcome === 'folded' || pass !== this.#pass) return
    this.#pass += 1
    // Not awaited: `stop` waits for the batch in which this runs.
    this.#opening = this.#opening.then(() => this.#followAgain())
  }

  async #followAgain(): Promise<void> {
    const { clock } = this.#parts
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#following?.stop()
        this.#following = undefined
        return await this.#follow()
      } catch (error) {
        this.#noteTrouble(error as Error)
        await clock.sleep(retryMs, signal)
      }
    }
  }

  #noteTrouble(error: Error): void {
    this.fold.noteTrouble(error)
    // The log adapter logs a denial itself, at first and then once a minute.
    if (isAuthError(error, 'LOG_DENIED')) return
    this.#parts.logger.warn({ error }, 'the projector has trouble; it goes on')
  }
}

/**
 * Starts to follow; resolves once the log has accepted the reader, now or for later. Any number of
 * projectors may run on one view: fences decide which one folds, and the others stand by.
 */
export const startProjector = async (parts: ProjectorParts): Promise<Projector> => {
  const { log, view, sessions, clock, logger } = parts
  const following = new FollowingFold(parts)
  await following.opened()
  const { fold } = following
  const stop = new AbortController()
  const age = new ViewAge({ view, clock, maxMs: parts.viewAgeMaxMs ?? defaultViewAgeMs })
  const aging = age.run(stop.signal)
  parts.meter?.onCollect(() => {
    parts.meter?.set('curfew_view_age_seconds', {}, secondsOrNever(age.ageMs()))
  })
  const viewHealth = (): PartHealth => {
    const state = fold.state()
    if (state.standing === 'unready') return state
    const cause = state.state === 'ok' ? (log.denials()[0] ?? null) : state.state
    return age.trouble(cause) ?? state
  }
  const sweeping = Promise.all(
    [view, sessions].map((swept) => sweepLoop(swept, clock, logger, stop.signal)),
  )
  return {
    health: () => ({
      view: viewHealth(),
      log: logHealth(log, unready('does not answer')),
    }),
    folded: (topic, partition) => fold.next({ topic, partition }),
    close: async () => {
      stop.abort()
      await following.close()
      await Promise.all([sweeping, aging])
    },
  }
}

const sweepLoop = async (
  view: Pick<BlacklistView | SessionList, 'sweep'>,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const swept = await view.sweep(clock.now(), sweptPerRun).catch((error: Error) => {
      logger.warn({ error }, 'expired entries were not swept')
      return 0
    })
    // A full page means that there is more: every rotation of a busy gateway leaves an entry.
    await clock.sleep(swept < sweptPerRun ? sweepPauseMs : sweepBreathMs, signal)
  }
}
