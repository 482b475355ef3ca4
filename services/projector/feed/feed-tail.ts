import type { RevocationItem } from '../../../shared/events/revocation-record.ts'
import { tupleOf } from './logged-revocation.ts'

export type TailItem = Readonly<{ item: RevocationItem; tuple: string | null }>

/**
 * The newest items in the order of the log, in bounded memory. Each has an index. A reader whose
 * index is below the oldest one has missed items.
 */
export class FeedTail {
  readonly #limit: number
  #items: TailItem[] = []
  #firstIndex = 0
  /** Every item with a greater offset than this is still here; `null` before the first. */
  #wholeFrom: number | null = null

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The index of the next item. */
  get end(): number {
    return this.#firstIndex + this.#items.length
  }

  add(item: RevocationItem): void {
    this.#wholeFrom ??= item.offset - 1
    this.#items.push({ item, tuple: item.kind === 'revocation' ? tupleOf(item) : null })
    // Cut only at twice the limit, so that it is rare.
    if (this.#items.length >= 2 * this.#limit) this.#cut(this.#items.length - this.#limit)
  }

  /** At most `limit` items from `index` on; `null` if that is below the oldest. */
  read(index: number, limit: number): readonly TailItem[] | null {
    const from = index - this.#firstIndex
    return from < 0 ? null : this.#items.slice(from, from + limit)
  }

  /**
   * The index at which a reader resumes that knows everything up to `offset`; `null` if items after
   * it are gone. A log may repeat a batch, so it is that of the first item above the offset.
   */
  indexAfter(offset: number): number | null {
    if (this.#wholeFrom === null || offset < this.#wholeFrom) return null
    const newest = this.#items.at(-1)?.item.offset ?? this.#wholeFrom
    const found = this.#items.findIndex(({ item }) => item.offset > offset)
    if (found >= 0) return this.#firstIndex + found
    return offset > newest ? null : this.end
  }

  #cut(count: number): void {
    for (const { item } of this.#items.slice(0, count)) {
      this.#wholeFrom = Math.max(this.#wholeFrom ?? item.offset, item.offset)
    }
    this.#items = this.#items.slice(count)
    this.#firstIndex += count
  }
}

/**
 * Groups consecutive items of one kind; each group is sent as one event. Of consecutive closed
 * times only the last is sent.
 */
export const runsOf = (items: readonly TailItem[]): readonly (readonly TailItem[])[] => {
  const runs: TailItem[][] = []
  for (const one of items) {
    const run = runs.at(-1)
    if (run && run[0]?.item.kind === one.item.kind) run.push(one)
    else runs.push([one])
  }
  return runs
}
