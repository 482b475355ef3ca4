import type { NewCommit } from '../../../shared/events/commit.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { LogAvailability } from './log-availability.ts'
import { isTooLarge, OversizedCommits } from './oversized-commits.ts'
import type { Line, PublishedAt, Waiting } from './publish-queue.ts'
import { leftToRelay, lineOf, PublishQueue } from './publish-queue.ts'
import { PublishedMarks } from './published-marks.ts'
import type { PublisherOptions } from './publisher-options.ts'
import { isPublishedOrTooLarge, publishPage } from './relay-page.ts'
import { whyStopped } from './stopped-log.ts'

export type { PublishedAt } from './publish-queue.ts'

/**
 * Publishes commits that are in the store: at once when nothing is in flight, gathering while
 * something is (kafkajs has no batching: measured 1,050 single sends a second, 36,000 in batches).
 * Each commit is in flight at most once here: the relay and a handler share one publication.
 * - Nobody waits for a log that is known to be down or slow, and nothing is queued for it: the
 *   relay reads it from the store when the log is back.
 * - Order: what the relay hands over is published in the order given, one request after another. A
 *   session's or a token's end may overtake it, since there is one of each. A cutoff never does: it
 *   waits for its turn, or for the relay as long as that is behind. Of one stream, the first copy
 *   of a record never comes after that of a later version from the same process.
 * - A commit that is too large for the log is set apart; see `RefusedCommits`.
 */
export class Publisher {
  readonly #deps: PublisherOptions
  readonly #reach: LogAvailability
  readonly #queue: PublishQueue
  readonly #marks: PublishedMarks
  readonly #refused: OversizedCommits
  #flushing: Promise<void> | undefined
  /** Earlier commits may wait for the relay: nothing that has a turn may pass them. */
  #isBehind = true
  #hasMore = false
  #hasLeft = false

  constructor(deps: PublisherOptions) {
    this.#deps = deps
    const clock = deps.clock ?? systemClock
    this.#reach = new LogAvailability(deps.log, clock)
    this.#queue = new PublishQueue(deps.encoder)
    this.#marks = new PublishedMarks(deps)
    this.#refused = new OversizedCommits(clock, deps.logger)
  }

  /**
   * Resolves when the log acknowledged every record of `commit`, or its revocation where the rest
   * is too large. Rejects with LOG_UNAVAILABLE, at once when it would have to wait for long.
   */
  publish(commit: NewCommit): Promise<PublishedAt> {
    const known = this.#queue.held(commit)
    if (known) return known.done
    const stopped = commit.kind === 'r' ? whyStopped(this.#deps.log) : null
    if (stopped) {
      this.#isBehind = true
      return Promise.reject(stopped)
    }
    const refused = this.#refused.answer(commit)
    if (refused) return refused
    const line = lineOf(commit)
    const why = this.#whyNot(line)
    return why === null ? this.#enqueue(line, commit) : Promise.reject(leftToRelay(why))
  }

  /** For commits that nobody waits for; the relay publishes what is refused here. */
  enqueue(commit: NewCommit): void {
    this.publish(commit).catch(() => {
      this.#hasLeft = true
    })
  }

  /** Whether something handed over was left to the relay since this was asked last. */
  hasLeft(): boolean {
    const hasLeft = this.#hasLeft
    this.#hasLeft = false
    return hasLeft
  }

  /**
   * Publishes a page of unpublished revocations, also to a log that is down: the page finds out
   * when it is back. `more`: the store has more than this page. Resolves with where each lies;
   * rejects unless the log has all that guards must know of them.
   */
  async relayRevocations(
    commits: readonly NewCommit[],
    more: boolean,
    logStart = 0,
  ): Promise<readonly PublishedAt[]> {
    this.#hasMore = more
    this.#isBehind ||= more
    // The log has just been verified, and there is nothing to try it with.
    if (commits.length === 0) this.#reach.mayBeUp()
    const all = this.#relayAll(commits, logStart)
    // Not before each of them has its answer.
    const answers = await Promise.allSettled(all)
    // One that is too large stops closed time, and nothing that has a turn behind it.
    if (answers.every(isPublishedOrTooLarge)) this.#isBehind = more
    return Promise.all(all)
  }

  /** Tells revocations again that the log has, so that they lie higher; in no order. */
  async republish(commits: readonly NewCommit[]): Promise<void> {
    await Promise.all(this.#relayAll(commits))
  }

  /**
   * As `relayRevocations` for a page of other commits; one that is too large is passed over.
   * Whether any was published: a page of nothing but refused ones would only come again.
   */
  async relayOthers(commits: readonly NewCommit[]): Promise<boolean> {
    const answers = await Promise.allSettled(this.#relayAll(commits))
    for (const one of answers) {
      if (one.status === 'rejected' && !isTooLarge(one.reason)) throw one.reason
    }
    return answers.some(({ status }) => status === 'fulfilled')
  }

  get isDown(): boolean {
    return this.#reach.down !== null
  }

  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Commits that are held in memory: queued, in flight or unmarked. */
  get held(): number {
    return this.#queue.heldCount + this.#marks.size
  }

  refused(kind: NewCommit['kind']): number {
    return this.#refused.count(kind)
  }

  /** What whoever looks after the log must know: why it is down, or what it refuses. */
  trouble(): Error | null {
    return this.#refused.blocking() ?? this.#reach.down ?? this.#refused.any()
  }

  /** Resolves when what was acknowledged until now is marked in the store, or failed to be. */
  marked(): Promise<void> {
    return this.#marks.upToNow()
  }

  /** Resolves when nothing is queued, in flight or unmarked. */
  async drain(): Promise<void> {
    while (this.#flushing || this.#marks.running) await (this.#flushing ?? this.#marks.running)
  }

  #relayAll(commits: readonly NewCommit[], logStart = 0): Promise<PublishedAt>[] {
    const where = { logId: this.#deps.logId(), start: logStart }
    return publishPage(commits, this.#queue, this.#refused, where, (commit, alone) =>
      this.#enqueue('turn', commit, alone),
    )
  }

  #whyNot(line: Line): string | null {
    const { down, isSlow } = this.#reach
    // One at a time finds out whether a log that was down is back.
    if (isSlow || (down && this.#flushing)) return 'the log does not answer'
    if (down && line !== 'urgent') return 'the log is down'
    if (this.#isBehind && line === 'turn') return 'earlier ones wait'
    return this.#queue.hasRoom(line) ? null : 'too many wait'
  }

  #enqueue(line: Line, commit: NewCommit, alone = false): Promise<PublishedAt> {
    const { done } = this.#queue.push(line, commit, alone)
    this.#flushing ??= this.#flush()
    return done
  }

  async #flush(): Promise<void> {
    // One turn later, so that what was handed in the same turn travels together.
    await Promise.resolve()
    for (let batch = this.#queue.next(); batch.length > 0; batch = this.#queue.next()) {
      await this.#send(batch)
    }
    this.#flushing = undefined
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    const logId = this.#deps.logId()
    try {
      if (!logId) throw new AuthError('LOG_UNAVAILABLE', 'the log is not verified yet')
      const offsets = await this.#reach.publish(batch.flatMap(({ records }) => records))
      this.#acknowledgeAll(batch, offsets, logId)
    } catch (error) {
      if (logId && isTooLarge(error)) await this.#sendApart(batch, error, logId)
      else this.#fail(batch, error)
    }
  }

  #acknowledgeAll(batch: readonly Waiting[], offsets: readonly number[], logId: LogId): void {
    let base = 0
    for (const waiting of batch) {
      const { revocation, records, commit } = waiting
      const offset = revocation ? (offsets[base + revocation.index] ?? null) : null
      this.#acknowledge(waiting, { logId, offset })
      this.#marks.add({ id: commit.id, offset, logId })
      this.#refused.forget(commit)
      for (const tell of this.#deps.onPublished ?? []) tell(commit)
      base += records.length
    }
    this.#marks.start()
  }

  #acknowledge({ revocation, resolve }: Waiting, at: PublishedAt): void {
    const { logId, offset } = at
    if (revocation && offset !== null) this.#marks.raise({ offset, id: revocation.id, logId })
    resolve(at)
  }

  /** Halves until the one that is too large is alone; what guards must know of it is told. */
  async #sendApart(batch: readonly Waiting[], error: AuthError, logId: LogId): Promise<void> {
    const [only] = batch
    if (batch.length > 1) {
      const half = Math.ceil(batch.length / 2)
      await this.#send(batch.slice(0, half))
      if (this.#reach.down) this.#fail(batch.slice(half), this.#reach.down)
      else await this.#send(batch.slice(half))
    } else if (only) await this.#setApart(only, error, logId)
  }

  async #setApart(waiting: Waiting, error: AuthError, logId: LogId): Promise<void> {
    const { commit, reject } = waiting
    try {
      const offset = await this.#reach.publishRevocation(waiting)
      if (offset === null) throw error
      this.#refused.note(commit, error, { logId, offset })
      this.#acknowledge(waiting, { logId, offset })
      this.#marks.start()
    } catch (failure) {
      if (!isTooLarge(failure)) return this.#fail([waiting], failure)
      this.#refused.note(commit, failure, null)
      reject(failure)
    }
  }

  /** What waits behind a request that failed would fail as late: the relay takes all of it. */
  #fail(batch: readonly Waiting[], error: unknown): void {
    this.#deps.onFailure()
    const problem = this.#reach.failed(error)
    this.#isBehind = true
    for (const waiting of [...batch, ...this.#queue.takeAll()]) waiting.reject(problem)
  }
}
