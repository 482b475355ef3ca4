import type { NewCommit } from '../../../shared/events/commit.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import type { LogAvailability } from './log-availability.ts'
import { isTooLarge, type OversizedCommits } from './oversized-commits.ts'
import type { PublishedAt, QueuedCommit } from './publish-queue.ts'
import type { PublishedMarks } from './published-marks.ts'

type Deps = Readonly<{
  /** The verified identity of the log; `null` until the relay has verified it. */
  logId: () => LogId | null
  onPublished: readonly ((commit: NewCommit) => void)[]
  availability: LogAvailability
  marks: PublishedMarks
  oversized: OversizedCommits
  /** Rejects a batch that the log did not take. */
  fail: (batch: readonly QueuedCommit[], error: unknown) => void
}>

/** Sends batches of commits to the log, marks what it acknowledged, and answers each commit. */
export class BatchSender {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Sends one batch and settles each commit in it. Does not throw. */
  async send(batch: readonly QueuedCommit[]): Promise<void> {
    const logId = this.#deps.logId()
    try {
      if (!logId) throw new AuthError('LOG_UNAVAILABLE', 'the log is not verified yet')
      const offsets = await this.#deps.availability.publish(batch.flatMap(({ records }) => records))
      this.#acknowledgeAll(batch, offsets, logId)
    } catch (error) {
      if (logId && isTooLarge(error)) await this.#sendHalves(batch, error, logId)
      else this.#deps.fail(batch, error)
    }
  }

  #acknowledgeAll(batch: readonly QueuedCommit[], offsets: readonly number[], logId: LogId): void {
    let base = 0
    for (const queued of batch) {
      const { revocation, records, commit } = queued
      const offset = revocation ? (offsets[base + revocation.index] ?? null) : null
      this.#acknowledge(queued, { logId, offset })
      this.#deps.marks.add({ id: commit.id, offset, logId })
      this.#deps.oversized.forget(commit)
      for (const listener of this.#deps.onPublished) listener(commit)
      base += records.length
    }
    this.#deps.marks.start()
  }

  #acknowledge({ revocation, resolve }: QueuedCommit, at: PublishedAt): void {
    const { logId, offset } = at
    if (revocation && offset !== null)
      this.#deps.marks.raiseAcknowledged({ offset, id: revocation.id, logId })
    resolve(at)
  }

  /**
   * A batch that is too large is sent in two halves, until the commit that is too large is alone.
   * The revocation of that commit is published without the rest of it.
   */
  async #sendHalves(batch: readonly QueuedCommit[], error: AuthError, logId: LogId): Promise<void> {
    const [only] = batch
    if (batch.length > 1) {
      const half = Math.ceil(batch.length / 2)
      await this.send(batch.slice(0, half))
      if (this.#deps.availability.down)
        this.#deps.fail(batch.slice(half), this.#deps.availability.down)
      else await this.send(batch.slice(half))
    } else if (only) await this.#publishRevocationAlone(only, error, logId)
  }

  async #publishRevocationAlone(
    queued: QueuedCommit,
    error: AuthError,
    logId: LogId,
  ): Promise<void> {
    const { commit, reject } = queued
    try {
      const offset = await this.#deps.availability.publishRevocation(queued)
      if (offset === null) throw error
      this.#deps.oversized.note(commit, error, { logId, offset })
      this.#acknowledge(queued, { logId, offset })
      this.#deps.marks.start()
    } catch (failure) {
      if (!isTooLarge(failure)) return this.#deps.fail([queued], failure)
      this.#deps.oversized.note(commit, failure, null)
      reject(failure)
    }
  }
}
