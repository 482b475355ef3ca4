import { type ExportedLeaf, kindOf } from '../export-formats/index.ts'

/** What was exported of one log. */
export type LogCounts = Readonly<{ events: number; first: number | null; last: number | null }>
export const noCounts: LogCounts = { events: 0, first: null, last: null }

export const counted = ({ events, first }: LogCounts, { index }: ExportedLeaf): LogCounts => ({
  events: events + 1,
  first: first ?? index,
  last: index,
})

/**
 * The most kinds that are counted apart: somebody who may write to the topic chooses the types of
 * its records.
 */
const kindsMax = 1_000
const others = '(others)'

/** How many events there are of each kind. */
export class KindCounts {
  readonly #counts: Map<string, number>

  constructor(counts: Readonly<Record<string, number>> = {}) {
    this.#counts = new Map(Object.entries(counts))
  }

  add(leaf: Pick<ExportedLeaf, 'event'>): void {
    const kind = kindOf(leaf)
    const isKnown = this.#counts.has(kind) || this.#counts.size < kindsMax
    const name = isKnown ? kind : others
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  /** In the order of their names. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1)))
  }
}
