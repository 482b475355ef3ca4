type Bounds = Readonly<{ max: number; min: number; step: number }>

/**
 * How much one request may ask of a server that has so much time for it: half of what there was no
 * time for, and a little more after each that there was time for. Work that is asked for again gets
 * on so, however slow the server is; of one size it would have no time, for ever.
 */
export class AdaptiveBatchSize {
  readonly #bounds: Bounds
  #current: number

  constructor(bounds: Bounds) {
    this.#bounds = bounds
    this.#current = bounds.max
  }

  get current(): number {
    return this.#current
  }

  grow(): void {
    const { max, step } = this.#bounds
    this.#current = Math.min(max, this.#current + step)
  }

  /** There was none for so much. */
  shrinkBelow(size: number): void {
    this.#current = Math.max(this.#bounds.min, Math.floor(size / 2))
  }
}
