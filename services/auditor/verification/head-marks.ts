import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'

/** Of a partition: with more, every other one is forgotten, so that they stay evenly spread. */
const marksMax = 50_000

/** What the heads say of each partition, from the smallest size to the largest. */
export class HeadMarks {
  readonly #marks = new Map<number, TreeHead[]>()

  /** What is wrong with the next head; `null` when it goes on from those before. */
  meet(heads: ReadonlyMap<number, TreeHead>): string | null {
    let problem: string | null = null
    for (const [partition, head] of heads) {
      const known = this.#marks.get(partition) ?? []
      const last = known.at(-1)
      this.#marks.set(partition, known)
      if (last && head.size < last.size) {
        problem = `names ${head.size} leaves of partition ${partition} after ${last.size}`
      } else if (last && head.size === last.size) {
        if (!head.root.equals(last.root)) problem = `names another root of partition ${partition}`
      } else known.push(head)
      if (known.length > marksMax) this.#marks.set(partition, everyOther(known))
    }
    return problem
  }

  of(partition: number): readonly TreeHead[] {
    return this.#marks.get(partition) ?? []
  }

  partitions(): readonly number[] {
    return [...this.#marks.keys()]
  }
}

/** The newest one stays. */
const everyOther = (marks: readonly TreeHead[]): TreeHead[] =>
  marks.filter((_, at) => (marks.length - 1 - at) % 2 === 0)
