/** With more pieces a map finds one faster than a look at each. */
const listedMax = 32

/**
 * The texts that stood in a value before, each with its number. The first ones are compared one by
 * one: a map would hash every text that it is asked for, which took as long as the rest of packing.
 */
export class PieceNumbers {
  readonly #listed: string[] = []
  readonly #others = new Map<string, number>()

  clear(): void {
    this.#listed.length = 0
    if (this.#others.size > 0) this.#others.clear()
  }

  /** `null` for one that was not there. */
  numberOf(text: string): number | null {
    for (let index = 0; index < this.#listed.length; index += 1) {
      if (this.#listed[index] === text) return index
    }
    return this.#others.size > 0 ? (this.#others.get(text) ?? null) : null
  }

  add(text: string): void {
    if (this.#listed.length < listedMax) this.#listed.push(text)
    else this.#others.set(text, listedMax + this.#others.size)
  }
}
