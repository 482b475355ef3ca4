import { asFarAsCovered } from '../../shared/events/log-coverage.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import { deletedRecordsText } from '../../shared/kernel/logging/deleted-records-text.ts'
import type { Fence } from '../../shared/ports/blacklist-view.ts'

/**
 * From which offset on the view has every record of `auth.revocations`. Records can be deleted from
 * the log's beginning before they are folded. A closed time counts only if the view began at or
 * below its low mark.
 */
export class ViewCoverage {
  #began: number | null = null
  #uncovered: string | null = null

  /** Why closed times do not count for the view; `null` if they do. */
  get uncovered(): string | null {
    return this.#uncovered
  }

  /** Whether it is known where the view began; without that no batch can be judged. */
  knows(): boolean {
    return this.#began !== null
  }

  /** Takes over where the view began, as another projector may have stored it. */
  take({ began }: Fence): void {
    this.#began = began ?? null
  }

  /**
   * Resumes under `fence`, in a log that begins at `start`. A view of an older version, which did
   * not store where it began, counts as complete up to its checkpoint, as it did for that version.
   */
  resume({ next, began = 0 }: Fence, start: number): void {
    this.#began = next === 0 || start > next ? start : began
  }

  /**
   * What came begins at `first`, above `next`. A gap in the offsets alone loses nothing, since a
   * log may drop closed times that a newer one follows. If the log begins above `next`, the view is
   * complete from there on.
   */
  async meetGap(
    { first, next }: Readonly<{ first: number; next: number }>,
    boundsOfLog: () => Promise<Readonly<{ start: number }>>,
  ): Promise<void> {
    if (first <= next) return
    const { start } = await boundsOfLog()
    if (start > next) this.#began = start
  }

  /** The item, with a closed time turned into `uncovered` if it does not count for the view. */
  judge(item: RevocationItem): RevocationItem {
    return asFarAsCovered(item, this.#began ?? Number.POSITIVE_INFINITY)
  }

  /** What is stored with the checkpoint. */
  kept(): Readonly<{ began?: number }> {
    return this.#began === null ? {} : { began: this.#began }
  }

  /**
   * Notes judged items; answers the reason if closed times no longer count since now. `isNewest`:
   * the log has no later items. Of older items an uncovered closed time is no trouble, since a
   * later one may count again.
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
