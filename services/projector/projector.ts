import type { MacRing } from '../../shared/events/mac.ts'
import type { Topic } from '../../shared/events/record.ts'
import type { PartHealth } from '../../shared/http/health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { BlacklistView, Fence } from '../../shared/ports/blacklist-view.ts'
import type { EventLog, LogBatch, Partition } from '../../shared/ports/event-log.ts'
import { type Projection, projectEvents, projectRevocations } from './project.ts'

export type ProjectorParts = Readonly<{
  log: EventLog
  view: BlacklistView
  ring: MacRing
  clock: Clock
  logger: Logger
}>

export type Projector = Closable &
  Readonly<{
    health: () => Readonly<Record<string, PartHealth>>
    /**
     * The next offset that is not in the view yet; 0 while the partition is not this projector's.
     */
    folded: (topic: Topic, partition: number) => number
  }>

const topics: readonly Topic[] = ['auth.revocations', 'auth.events']
const sweepPauseMs = 30_000
const sweepBreathMs = 50
const sweptPerRun = 1_000

/**
 * Follows the log and folds it into the blacklist view. Any number may run: fences decide who moves
 * on.
 */
class LogFold {
  readonly #parts: ProjectorParts
  readonly #fences = new Map<string, Fence>()
  #trouble: string | null = null
  /** The first record that may be a revocation and could not be read; holds until a restart. */
  #unreadableAt: number | null = null

  constructor(parts: ProjectorParts) {
    this.#parts = parts
  }

  state(): PartHealth {
    if (this.#unreadableAt !== null) {
      return { ready: false, state: 'a possible revocation cannot be read: closed time stopped' }
    }
    return { ready: this.#trouble === null, state: this.#trouble ?? 'ok' }
  }

  next(partition: Partition): number {
    return this.#fences.get(nameOf(partition))?.next ?? 0
  }

  noteTrouble(error: Error): void {
    this.#trouble = error.message
  }

  async resumeAt(partition: Partition): Promise<number> {
    const fence = await this.#take(partition)
    return fence.next
  }

  /** One batch: content, then closed time, then the checkpoint. A crash in between repeats it. */
  async apply(batch: LogBatch): Promise<void> {
    const fence = this.#fences.get(nameOf(batch)) ?? (await this.#take(batch))
    const fresh = batch.records.filter(({ offset }) => offset >= fence.next)
    const last = fresh.at(-1)
    if (!last) return
    const projection = this.#project(batch, fence, fresh)
    if (projection.deadLetters.length > 0) await this.#park(batch, projection)
    // An unreadable record holds the checkpoint: a newer version of Curfew reads it after a
    // restart.
    const held = batch.topic === 'auth.revocations' ? this.#unreadableAt : null
    const next = held ?? last.offset + 1
    const { topic, partition } = batch
    const logId = projection.logId ?? fence.logId
    const answer = await this.#parts.view.apply({
      entries: projection.entries,
      closed: held === null ? projection.closed : null,
      checkpoint: { topic, partition, next },
      fence: fence.fence,
      logId,
    })
    if (answer === 'fenced') {
      this.#fences.delete(nameOf(batch))
      throw new AuthError('STORE_CONTENDED', `another projector took ${nameOf(batch)} over`)
    }
    this.#fences.set(nameOf(batch), { ...fence, next: Math.max(next, fence.next), logId })
    this.#trouble = null
  }

  #project(batch: LogBatch, fence: Fence, fresh: LogBatch['records']): Projection {
    if (batch.topic !== 'auth.revocations') return projectEvents(fresh)
    const projection = projectRevocations(fresh, this.#parts.ring, fence.logId)
    if (projection.unreadableAt !== null && this.#unreadableAt === null) {
      this.#unreadableAt = projection.unreadableAt
      const { unreadableAt: offset } = projection
      this.#parts.logger.error({ offset }, 'a possible revocation cannot be read')
    }
    return projection
  }

  async #park(batch: LogBatch, { deadLetters }: Projection): Promise<void> {
    const { logger, log } = this.#parts
    logger.error(
      { topic: batch.topic, count: deadLetters.length },
      'records parked as dead letters',
    )
    await log.publish(deadLetters)
  }

  async #take(partition: Partition): Promise<Fence> {
    const { log, view, logger } = this.#parts
    const { topic } = partition
    let fence = await view.takeFence(topic, partition.partition)
    const { end } = await log.bounds(partition)
    if (fence.next > end) {
      logger.error(
        { topic, next: fence.next, end },
        'the log is shorter than the view: starting anew',
      )
      await view.forget(topic)
      fence = await view.takeFence(topic, partition.partition)
    }
    this.#fences.set(nameOf(partition), fence)
    return fence
  }
}

const nameOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

/** Starts to follow; resolves once the log accepted the reader or said that it will later. */
export const startProjector = async (parts: ProjectorParts): Promise<Projector> => {
  const { log, view, clock, logger } = parts
  const fold = new LogFold(parts)
  const following = await log.follow({
    topics,
    group: 'curfew-projector',
    resumeAt: (partition) => fold.resumeAt(partition),
    onBatch: (batch) => fold.apply(batch),
    onTrouble: (error) => {
      fold.noteTrouble(error)
      logger.warn({ error }, 'the projector has trouble; it goes on')
    },
  })
  const stop = new AbortController()
  const sweeping = sweepLoop(view, clock, logger, stop.signal)
  return {
    health: () => ({
      view: fold.state(),
      log: { ready: log.healthy(), state: log.healthy() ? 'ok' : 'does not answer' },
    }),
    folded: (topic, partition) => fold.next({ topic, partition }),
    close: async () => {
      stop.abort()
      await following.stop()
      await sweeping
    },
  }
}

const sweepLoop = async (
  view: BlacklistView,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const swept = await view.sweep(clock.now(), sweptPerRun).catch((error: Error) => {
      logger.warn({ error }, 'expired entries were not swept')
      return 0
    })
    // A full page means that more is due: every rotation of a busy gateway leaves an entry.
    await clock.sleep(swept < sweptPerRun ? sweepPauseMs : sweepBreathMs, signal)
  }
}
