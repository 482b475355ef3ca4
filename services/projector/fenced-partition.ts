import type { Fence } from '../../shared/ports/blacklist-view.ts'
import type { Partition } from '../../shared/ports/event-log.ts'
import { ViewWriteBatch } from './view-write-batch.ts'

/** The fence as it is after the write, or that it is another reader's. */
type Written = Fence | 'fenced'
type Outcome = 'folded' | 'fenced'
/** Takes what it needs before it first waits: meanwhile the next batches are read. */
export type WriteChanges = (fence: Fence, changes: ViewWriteBatch) => Promise<Written>

/** A fence in force, and what was read under it: gathered, or being written. */
export class FencedPartition {
  readonly #write: WriteChanges
  #fence: Fence
  #gathered: ViewWriteBatch
  #underWay: Readonly<{ changes: ViewWriteBatch; outcome: Promise<Outcome> }> | null = null

  constructor(fence: Fence, write: WriteChanges) {
    this.#write = write
    this.#fence = fence
    this.#gathered = new ViewWriteBatch(fence.next)
  }

  get fence(): Fence {
    return this.#fence
  }

  get gathered(): ViewWriteBatch {
    return this.#gathered
  }

  /**
   * Writes what is gathered, one after another. With `goOn` it does not wait for the last of them:
   * reading and writing share the time. What failed is written again before anything else is.
   */
  async write(goOn: boolean): Promise<Outcome> {
    if (this.#underWay) {
      const { changes, outcome } = this.#underWay
      const before = await outcome.catch(() => this.#send(changes))
      this.#underWay = null
      if (before === 'fenced') return 'fenced'
    }
    const changes = this.#gathered
    if (changes.isEmpty) return 'folded'
    const outcome = this.#send(changes)
    if (goOn) {
      outcome.catch(() => {}) // The next write hears of it.
      this.#underWay = { changes, outcome }
    } else if ((await outcome) === 'fenced') return 'fenced'
    this.#gathered = new ViewWriteBatch(changes.next)
    return 'folded'
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#underWay?.outcome.catch(() => {})
  }

  async #send(changes: ViewWriteBatch): Promise<Outcome> {
    const written = await this.#write(this.#fence, changes)
    if (written === 'fenced') return 'fenced'
    this.#fence = written
    return 'folded'
  }
}

/** Under which maps by partition keep what they know of one. */
export const partitionName = ({ topic, partition }: Partition): string => `${topic}/${partition}`
