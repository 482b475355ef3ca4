/**
 * Wakes one reader's connection, which waits for nothing else. A promise a wait and nothing more:
 * what a wait makes anew, a thousand readers make a thousand times for one revocation.
 */
export class ReaderBell {
  #wake: (() => void) | null = null
  #isRung = false

  readonly ring = (): void => {
    this.#isRung = true
    this.#wake?.()
  }

  /** Resolves when it rings, or at once if it rang since it was heard last. */
  async heard(): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = null
    this.#isRung = false
  }
}
