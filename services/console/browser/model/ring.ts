/** The newest of what came, at most so many; newest first. */
export class Ring<Item> {
  readonly #max: number
  #items: readonly Item[] = []

  constructor(max: number) {
    this.#max = max
  }

  get items(): readonly Item[] {
    return this.#items
  }

  /** `newest` in front of all others. */
  add(newest: readonly Item[]): void {
    this.#items = [...newest, ...this.#items].slice(0, this.#max)
  }

  /** Behind all others, as far as there is room. */
  addOlder(older: readonly Item[]): void {
    this.#items = [...this.#items, ...older].slice(0, this.#max)
  }

  clear(): void {
    this.#items = []
  }
}
