import { asFarAsCovered } from '../../shared/events/log-coverage.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import { deletedRecordsText } from '../../shared/kernel/logging/deleted-records-text.ts'
import type { Fence } from '../../shared/ports/blacklist-view.ts'

/**
 * From where on the view holds all that `auth.revocations` had. Records can be deleted from the
 * log's beginning, in particular before they were folded: a closed time counts only where the view
 * has everything that it speaks of.
 */
export class ViewCoverage {
  #began: number | null = null
  #uncovered: string | null = null

  /** Why closed times prove nothing about the view; `null` = they do. */
  get uncovered(): string | null {
    return this.#uncovered
  }

  /** Whether a batch can be judged: somebody looked at the log's start. */
  knows(): boolean {
    return this.#began !== null
  }

  /** The view as another projector may have left it. */
  take({ began }: Fence): void {
    this.#began = began ?? null
  }

  /**
   * Goes on under `fence`, in a log that begins at `start`. What a version folded that did not keep
   * where it began counts as whole up to its checkpoint, as it did for that version.
   */
  resume({ next, began = 0 }: Fence, start: number): void {
    this.#began = next === 0 || start > next ? start : began
  }

  /** What comes does not follow what was folded, because the log begins at `start` by now. */
  begin(start: number): void {
    this.#began = start
  }

  /** As `item` counts for the view. */
  judge(item: RevocationItem): RevocationItem {
    return asFarAsCovered(item, this.#began ?? Number.POSITIVE_INFINITY)
  }

  /** What a checkpoint says of it. */
  kept(): Readonly<{ began?: number }> {
    return this.#began === null ? {} : { began: this.#began }
  }

  /**
   * Takes note of judged items; the reason, when it is news. `isNewest`: the log has none behind
   * them. In history closed times may not count for what is over by now.
   */
  note(items: readonly RevocationItem[], isNewest: boolean): string | null {
    const newest = items.findLast(({ kind }) => kind === 'closed' || kind === 'uncovered')
    if (newest?.kind === 'closed') this.#uncovered = null
    if (newest?.kind !== 'uncovered' || !isNewest) return null
    const text = deletedRecordsText({ began: newest.began, low: newest.closed.low })
    const isNews = this.#uncovered === null
    this.#uncovered = text
    return isNews ? text : null
  }
}
