type Bounds = Readonly<{ max: number; min: number; step: number }>

/**
 * How large one request to a server may be that must answer in time. After a request that timed out
 * the size is halved; after each that was answered it grows by a step. So repeated work makes
 * progress however slow the server is; with a fixed size it could time out for ever.
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
