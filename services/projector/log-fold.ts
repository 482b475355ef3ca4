import { LogIdentities } from '../../shared/events/log-identities.ts'
import { readRevocationRecord } from '../../shared/events/read-revocation-record.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import { degraded, ok, type PartHealth, unready } from '../../shared/http/health.ts'
import type { Fence } from '../../shared/ports/blacklist-view.ts'
import type { LogBatch, Partition } from '../../shared/ports/event-log.ts'
import { FencedPartition, partitionName } from './fenced-partition.ts'
import type { FoldParts } from './fold-parts.ts'
import { ForeignWriters } from './foreign-writers.ts'

import { projectEvents, projectRevocations } from './projection.ts'
import { ParkedLetters } from './publish-dead-letters.ts'
import { ViewCoverage } from './view-coverage.ts'
import type { ViewWriteBatch } from './view-write-batch.ts'

/** `follow_again`: the batch does not continue the view; the reader must ask where to resume. */
export type Folded = 'folded' | 'follow_again'

/** If the holder of a fence does not move on for this long, a standby takes the fence. */
const leaseMs = 2_000
const lookMs = 50

/** Folds batches of the log into the blacklist view and the session list, under fences. */
export class LogFold {
  readonly #parts: FoldParts
  readonly #stop: AbortSignal
  readonly #fenced = new Map<string, FencedPartition>()
  readonly #deadLetters: ParkedLetters
  readonly #lives = new LogIdentities()
  /** Partitions that another projector folds. */
  readonly #waiting = new Set<string>()
  readonly #coverage = new ViewCoverage()
  #trouble: string | null = null
  /** Offset of the first record that may be a revocation and cannot be read; until a restart. */
  #unreadableAt: number | null = null
  readonly #otherWriters: ForeignWriters

  constructor(parts: FoldParts, stop: AbortSignal) {
    this.#parts = parts
    this.#stop = stop
    this.#otherWriters = new ForeignWriters(parts)
    this.#deadLetters = new ParkedLetters(parts)
  }

  state(): PartHealth {
    if (this.#unreadableAt !== null) {
      return unready('a possible revocation cannot be read: closed time stopped')
    }
    if (this.#trouble !== null) return unready(this.#trouble)
    if (this.#coverage.uncovered !== null) return unready(this.#coverage.uncovered)
    const others = this.#otherWriters.text()
    if (others !== null) return degraded(others)
    return ok(this.#waiting.size === 0 ? 'ok' : 'another projector folds; this one stands by')
  }

  next(partition: Partition): number {
    return this.#fenced.get(partitionName(partition))?.fence.next ?? 0
  }

  noteTrouble(error: Error): void {
    this.#trouble = error.message
  }

  async resumeAt(partition: Partition): Promise<number> {
    const { log } = this.#parts
    let { fence } = await this.#take(partition)
    if (await log.endsBelow(partition, fence.next)) {
      await this.#forget(partition, `the log ends below ${fence.next}`)
      fence = (await this.#take(partition)).fence
    }
    if (partition.topic === 'auth.revocations') {
      this.#coverage.resume(fence, (await log.bounds(partition)).start)
    }
    return fence.next
  }

  /** Resolves when nothing is being written; called when no batch comes any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.#fenced.values()].map((fenced) => fenced.idle()))
  }

  /**
   * Folds one batch: content, then closed time, then the checkpoint. As long as more is to come at
   * once, batches are gathered and written together, while the next ones are read. A crash repeats
   * them.
   */
  async apply(batch: LogBatch): Promise<Folded> {
    const [first] = batch.records
    const last = batch.records.at(-1)
    if (!first || !last) return 'folded'
    for (;;) {
      const known = this.#fenced.get(partitionName(batch))
      const fenced = known ?? (await this.#standBy(batch, last.offset))
      if (fenced === null) return 'folded'
      const { next } = fenced.fence
      // Meanwhile another projector cleared the view: the records in between would be skipped.
      if (!known && (next < first.offset || !this.#coverage.knows())) return 'follow_again'
      const outcome = await this.#fold(batch, fenced)
      this.#trouble = null
      if (outcome !== 'fenced') return outcome
      this.#fenced.delete(partitionName(batch))
    }
  }

  async #fold(batch: LogBatch, fenced: FencedPartition): Promise<Folded | 'fenced'> {
    const { gathered } = fenced
    if (batch.end < gathered.next) {
      await this.#forget(batch, `the log ends at ${batch.end}, below ${gathered.next}`)
      return 'follow_again'
    }
    if ((await this.#gather(batch, gathered)) === 'follow_again') return 'follow_again'
    const { more = false } = batch
    return more && !gathered.isFull ? 'folded' : fenced.write(more)
  }

  async #gather(batch: LogBatch, gathered: ViewWriteBatch): Promise<Folded> {
    const records = batch.records.filter(({ offset }) => offset >= gathered.next)
    const last = records.at(-1)
    if (!last) return 'folded'
    const read =
      batch.topic === 'auth.revocations'
        ? records.map((record) => readRevocationRecord(this.#parts.ring, record))
        : null
    if (read && (await this.#startsAnew(batch, read))) return 'follow_again'
    const items = read && (await this.#judged(batch, read, gathered.next))
    const projection = items
      ? projectRevocations(records, items, this.#lives)
      : projectEvents(records, this.#parts.events)
    this.#otherWriters.meet(batch.topic, projection)
    for (const erasure of projection.erasures) await this.#parts.personalKeys?.erase(erasure)
    await this.#deadLetters.park(batch, projection.deadLetters)
    gathered.add(projection, { records: records.length, next: last.offset + 1 })
    return 'folded'
  }

  /** Judges which closed times count for the view. */
  async #judged(
    batch: LogBatch,
    read: readonly RevocationItem[],
    next: number,
  ): Promise<readonly RevocationItem[]> {
    const first = read[0]?.offset ?? next
    await this.#coverage.meetGap({ first, next }, () => this.#parts.log.bounds(batch))
    const items = read.map((item) => this.#coverage.judge(item))
    const news = this.#coverage.note(items, (read.at(-1)?.offset ?? 0) + 1 >= batch.end)
    if (news !== null) this.#parts.logger.error({ why: news }, 'the view is not fresh')
    return items
  }

  async #write(
    { topic, partition }: Partition,
    fence: Fence,
    gathered: ViewWriteBatch,
  ): Promise<Fence | 'fenced'> {
    // An unreadable record stops the checkpoint, so that a newer version of Curfew can read the
    // record after a restart.
    this.#noteUnreadable(gathered.unreadableAt)
    const unreadableAt = topic === 'auth.revocations' ? this.#unreadableAt : null
    const next = unreadableAt ?? gathered.next
    const { entries, sessions, logId } = gathered
    const began = topic === 'auth.revocations' ? this.#coverage.kept() : {}
    // Written before the checkpoint, which is stored with the view: a crash repeats the batch.
    if (sessions.length > 0) await this.#parts.sessions.fold(sessions)
    const answer = await this.#parts.view.apply({
      entries,
      closed: unreadableAt === null ? gathered.closed : null,
      checkpoint: { topic, partition, next, ...began },
      fence: fence.fence,
      logId,
    })
    return answer === 'fenced' ? 'fenced' : { ...fence, next: Math.max(next, fence.next), logId }
  }

  #noteUnreadable(offset: number | null): void {
    if (offset === null || this.#unreadableAt !== null) return
    this.#unreadableAt = offset
    this.#parts.logger.error({ offset }, 'a possible revocation cannot be read')
  }

  /**
   * Clears the view if the log has another identity. The new identity is remembered only after
   * that, so that a failure repeats the batch.
   */
  async #startsAnew(batch: LogBatch, items: readonly RevocationItem[]): Promise<boolean> {
    const another = this.#lives.another(items)
    if (another !== null) await this.#forget(batch, `the log is ${another} now`)
    this.#lives.meet(items)
    return another !== null
  }

  /** Takes the fence, and with it the log identity for which another projector began the view. */
  async #take(partition: Partition): Promise<FencedPartition> {
    const place = { topic: partition.topic, partition: partition.partition }
    const fence = await this.#parts.view.takeFence(place.topic, place.partition)
    if (fence.logId !== null) this.#lives.enter(fence.logId)
    if (place.topic === 'auth.revocations') this.#coverage.take(fence)
    const fenced = new FencedPartition(fence, (now, changes) => this.#write(place, now, changes))
    this.#fenced.set(partitionName(place), fenced)
    this.#waiting.delete(partitionName(place))
    return fenced
  }

  /**
   * Another projector took the fence. This one waits while the other moves on: to take the fence
   * back at once would make the two fence each other at every batch. If the other does not move for
   * `leaseMs`, this one takes the fence. `null` if the other folded up to `last`, or if this stops.
   */
  async #standBy(partition: Partition, last: number): Promise<FencedPartition | null> {
    const { view, clock } = this.#parts
    this.#waiting.add(partitionName(partition))
    let seen: Fence | null = null
    let movedAtMs = clock.monotonicMs()
    while (!this.#stop.aborted) {
      const now = await view.heldFence(partition.topic, partition.partition)
      if (now.next > last) return null
      const nowMs = clock.monotonicMs()
      if (seen?.fence !== now.fence || seen.next !== now.next) movedAtMs = nowMs
      if (nowMs - movedAtMs >= leaseMs) return this.#take(partition)
      seen = now
      await clock.sleep(lookMs, this.#stop)
    }
    return null
  }

  async #forget(partition: Partition, reason: string): Promise<void> {
    const { topic } = partition
    this.#parts.logger.error({ topic, reason }, 'the view is of another log: starting anew')
    // What is being written is of the log that is to be forgotten: it must not land afterwards.
    await this.#fenced.get(partitionName(partition))?.idle()
    await this.#parts.view.forget(topic)
    this.#deadLetters.forget(topic)
    if (topic === 'auth.revocations') this.#unreadableAt = null
  }
}
