import type { NewCommit } from '../../../shared/events/commit.ts'
import { laneOf } from './publish-queue.ts'

/**
 * Commits on their way into the store that the log is told of afterwards. Others may read one of
 * them, and append what follows from it, before its own answer is back: what follows must not be
 * told first.
 */
export class UnpublishedAppends {
  readonly #commits = new Set<NewCommit>()

  note(commit: NewCommit): void {
    this.#commits.add(commit)
  }

  /** The append is over; whoever publishes the commit has done so at the end of this turn. */
  over(commit: NewCommit): void {
    if (this.#commits.has(commit)) setImmediate(() => this.#commits.delete(commit))
  }

  /** As `PublishQueue.mustPrecede`. */
  mustPrecede(commit: NewCommit): boolean {
    if (laneOf(commit) === 'inOrder') return this.#commits.size > 0
    const { s, v } = commit.id
    for (const { id } of this.#commits) if (id.s === s && id.v === v - 1) return true
    return false
  }
}
