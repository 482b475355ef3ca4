import type { NewCommit } from '../../../shared/events/commit.ts'
import { systemClock } from '../../../shared/kernel/clock.ts'
import type { Telling } from '../../../shared/ports/event-store.ts'
import { BatchSender } from './batch-sender.ts'
import { commitRecords } from './commit-records.ts'
import { LogAvailability } from './log-availability.ts'
import { isTooLarge, OversizedCommits } from './oversized-commits.ts'
import type { PublishInAppend } from './publish-in-append.ts'
import {
  type Lane,
  laneOf,
  leftToRelay,
  type PublishedAt,
  PublishQueue,
  type QueuedCommit,
} from './publish-queue.ts'
import { isPublishedOrTooLarge, publishRelayPage } from './publish-relay-page.ts'
import { PublishedMarks } from './published-marks.ts'
import type { PublisherOptions } from './publisher-options.ts'
import { UnpublishedAppends } from './unpublished-appends.ts'
import { whyRevocationsStop } from './why-revocations-stop.ts'

export type { PublishedAt } from './publish-queue.ts'

/**
 * Publishes commits that are in the store. If no request is in flight, a commit is sent at once;
 * otherwise commits are gathered and sent in the next request (kafkajs has no batching: measured
 * 1,050 single sends a second, 36,000 in batches). Each commit is in flight at most once in this
 * process: if the relay and a request handler publish the same one, they share the answer.
 * - While the log is known to be down or slow, nobody waits for it and nothing is queued: the relay
 *   reads the commits from the store when the log is back.
 * - Order: commits of the relay are published in the order given, one request after another. The
 *   end of a session or of a token may overtake them, since there is one of each. A cutoff never
 *   does: it is queued behind them, or left to the relay while that is behind. Of one stream, the
 *   first copy of a record never comes after that of a later version from the same process.
 * - A commit that is too large for the log is remembered as such; see `OversizedCommits`.
 */
export class Publisher implements PublishInAppend {
  readonly #deps: PublisherOptions
  readonly #availability: LogAvailability
  readonly #queue: PublishQueue
  readonly #marks: PublishedMarks
  readonly #oversized: OversizedCommits
  readonly #sender: BatchSender
  /** What the store told with the append, for whoever asks to have it published then. */
  readonly #told = new WeakMap<NewCommit, PublishedAt>()
  readonly #untold = new UnpublishedAppends()
  #flushing: Promise<void> | undefined
  /** Earlier commits may wait for the relay; commits of the lane `inOrder` must not pass them. */
  #isBehind = true
  #hasMore = false
  #hasLeftToRelay = false

  constructor(deps: PublisherOptions) {
    this.#deps = deps
    const clock = deps.clock ?? systemClock
    this.#availability = new LogAvailability(deps.log, clock)
    this.#queue = new PublishQueue(deps.encoder)
    this.#marks = new PublishedMarks(deps)
    this.#oversized = new OversizedCommits(clock, deps.logger)
    this.#sender = new BatchSender({
      logId: deps.logId,
      onPublished: deps.onPublished ?? [],
      availability: this.#availability,
      marks: this.#marks,
      oversized: this.#oversized,
      fail: (batch, error) => this.#fail(batch, error),
    })
  }

  /**
   * Resolves when the log acknowledged every record of `commit`, or its revocation where the rest
   * is too large. Rejects with LOG_UNAVAILABLE, at once when it would have to wait for long.
   */
  publish(commit: NewCommit): Promise<PublishedAt> {
    const told = this.#told.get(commit)
    if (told) return Promise.resolve(told)
    const queued = this.#queue.find(commit)
    if (queued) return queued.done
    const stopped = commit.kind === 'r' ? whyRevocationsStop(this.#deps.log) : null
    if (stopped) {
      this.#isBehind = true
      return Promise.reject(stopped)
    }
    const outcome = this.#oversized.knownOutcome(commit)
    if (outcome) return outcome
    const lane = laneOf(commit)
    const why = this.#whyLeftToRelay(lane)
    return why === null ? this.#enqueue(lane, commit) : Promise.reject(leftToRelay(why))
  }

  /** See `PublishInAppend`: told with its append only if nothing that waits must come first. */
  prepare(commit: NewCommit): Telling | null {
    const logId = this.#deps.logId()
    const mustWait = this.#queue.mustPrecede(commit) || this.#untold.mustPrecede(commit)
    if (logId !== null && !mustWait && this.#isUpToDate()) {
      return { logId, ...commitRecords(commit, this.#deps.encoder) }
    }
    this.#untold.note(commit)
    return null
  }

  /** See `PublishInAppend`. */
  appended(commit: NewCommit): void {
    this.#untold.over(commit)
  }

  /** See `PublishInAppend`. */
  told(commit: NewCommit, { logId, revocation }: Telling, offsets: readonly number[]): void {
    const offset = revocation ? (offsets[revocation.index] ?? null) : null
    this.#told.set(commit, { logId, offset })
    for (const listener of this.#deps.onPublished ?? []) listener(commit)
  }

  /** For commits that nobody waits for. What cannot be queued now is left to the relay. */
  enqueue(commit: NewCommit): void {
    this.publish(commit).catch(() => {
      this.#hasLeftToRelay = true
    })
  }

  /** Whether an enqueued commit was left to the relay since the last call of this function. */
  takeLeftToRelay(): boolean {
    const wasLeft = this.#hasLeftToRelay
    this.#hasLeftToRelay = false
    return wasLeft
  }

  /**
   * Publishes a page of unpublished revocations, also to a log that was down, which is how its
   * return is noticed. `more`: the store has more than this page. Resolves with the place of each;
   * rejects unless the log has all that guards must know of them.
   */
  async relayRevocations(
    commits: readonly NewCommit[],
    more: boolean,
    logStart = 0,
  ): Promise<readonly PublishedAt[]> {
    this.#hasMore = more
    this.#isBehind ||= more
    // The log has just been verified, and no commit is there by which to try it.
    if (commits.length === 0) this.#availability.assumeUp()
    const all = this.#relayAll(commits, logStart)
    // Waits for the answer to each of them, also if one fails.
    const answers = await Promise.allSettled(all)
    // A commit that is too large keeps time from being closed, but not later commits from the log.
    if (answers.every(isPublishedOrTooLarge)) this.#isBehind = more
    return Promise.all(all)
  }

  /** Publishes revocations again that the log has, so that they lie higher; in no order. */
  async republish(commits: readonly NewCommit[]): Promise<void> {
    await Promise.all(this.#relayAll(commits))
  }

  /**
   * As `relayRevocations`, for a page of other commits; one that is too large is skipped. Answers
   * whether any was published: a page of only oversized commits would be read again at once.
   */
  async relayOthers(commits: readonly NewCommit[]): Promise<boolean> {
    const answers = await Promise.allSettled(this.#relayAll(commits))
    for (const answer of answers) {
      if (answer.status === 'rejected' && !isTooLarge(answer.reason)) throw answer.reason
    }
    return answers.some(({ status }) => status === 'fulfilled')
  }

  get isDown(): boolean {
    return this.#availability.down !== null
  }

  get hasMore(): boolean {
    return this.#hasMore
  }

  /** Commits that are held in memory: queued, in flight or unmarked. */
  get heldCommits(): number {
    return this.#queue.size + this.#marks.size
  }

  oversizedCount(kind: NewCommit['kind']): number {
    return this.#oversized.count(kind)
  }

  /** For health and metrics: why the log is down, or which commit it refuses. */
  trouble(): Error | null {
    return this.#oversized.blocking() ?? this.#availability.down ?? this.#oversized.any()
  }

  /** Resolves when what was acknowledged until now is marked in the store, or failed to be. */
  allMarked(): Promise<void> {
    return this.#marks.allMarked()
  }

  /** Resolves when nothing is queued, in flight or unmarked. */
  async drain(): Promise<void> {
    while (this.#flushing || this.#marks.running) await (this.#flushing ?? this.#marks.running)
  }

  #relayAll(commits: readonly NewCommit[], logStart = 0): Promise<PublishedAt>[] {
    const logBegin = { logId: this.#deps.logId(), offset: logStart }
    return publishRelayPage(commits, this.#queue, this.#oversized, logBegin, (commit, alone) =>
      this.#enqueue('inOrder', commit, alone),
    )
  }

  #isUpToDate(): boolean {
    const { down, isSlow } = this.#availability
    return !down && !isSlow && !this.#isBehind && !whyRevocationsStop(this.#deps.log)
  }

  #whyLeftToRelay(lane: Lane): string | null {
    const { down, isSlow } = this.#availability
    // While the log is down, one request at a time tries whether it is back.
    if (isSlow || (down && this.#flushing)) return 'the log does not answer'
    if (down && lane !== 'urgent') return 'the log is down'
    if (this.#isBehind && lane === 'inOrder') return 'earlier ones wait'
    return this.#queue.hasRoom(lane) ? null : 'too many wait'
  }

  #enqueue(lane: Lane, commit: NewCommit, alone = false): Promise<PublishedAt> {
    const { done } = this.#queue.push(lane, commit, alone)
    this.#flushing ??= this.#flush()
    return done
  }

  async #flush(): Promise<void> {
    // A microtask later, so that what is enqueued in the same turn of the event loop is one batch.
    await Promise.resolve()
    for (let batch = this.#queue.next(); batch.length > 0; batch = this.#queue.next()) {
      await this.#sender.send(batch)
    }
    this.#flushing = undefined
  }

  /** After a failed request everything queued is left to the relay: it would only fail later. */
  #fail(batch: readonly QueuedCommit[], error: unknown): void {
    this.#deps.onFailure()
    const problem = this.#availability.noteFailure(error)
    this.#isBehind = true
    for (const queued of [...batch, ...this.#queue.takeAll()]) queued.reject(problem)
  }
}
