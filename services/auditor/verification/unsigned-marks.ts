import type { UnsignedLeaves } from '../trees/index.ts'

/** The leaf of a record that no gateway of the fleet signed; `id` is what it says itself. */
type UnsignedLeaf = Readonly<{ log: string; index: number; id: string | null }>

/** How many such leaves were met, and the first ones. */
export type MetUnsigned = Readonly<{ count: number; first: readonly UnsignedLeaf[] }>

const keptMax = 100

/** Of which leaves the signed heads say that no gateway of the fleet signed their records. */
export class UnsignedMarks {
  readonly #ranges = new Map<number, UnsignedLeaves[]>()
  readonly #first: UnsignedLeaf[] = []
  #count = 0

  /** As the heads name them: of a partition in the order of its leaves, again after a crash. */
  meet(unsigned: readonly UnsignedLeaves[]): void {
    for (const { partition, from, to } of unsigned) {
      const known = this.#ranges.get(partition) ?? []
      this.#ranges.set(partition, known)
      const behind = Math.max(from, known.at(-1)?.to ?? 0)
      if (behind < to) known.push({ partition, from: behind, to })
    }
  }

  has(partition: number, index: number): boolean {
    const ranges = this.#ranges.get(partition) ?? []
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ranges[middle]?.to ?? 0) <= index) low = middle + 1
      else high = middle
    }
    const range = ranges[low]
    return range !== undefined && range.from <= index
  }

  /** Of a leaf that was read. */
  note(leaf: UnsignedLeaf): void {
    this.#count += 1
    if (this.#first.length < keptMax) this.#first.push(leaf)
  }

  met(): MetUnsigned {
    return { count: this.#count, first: this.#first }
  }
}

/** Of several lives. */
export const metUnsigned = (lives: readonly UnsignedMarks[]): MetUnsigned => {
  const met = lives.map((marks) => marks.met())
  return {
    count: met.reduce((sum, { count }) => sum + count, 0),
    first: met.flatMap(({ first }) => first).slice(0, keptMax),
  }
}
