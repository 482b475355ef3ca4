/** A click comes within so long behind the finger that leaves, or none comes. */
const clickWithinMs = 400

/**
 * Whether something is pressed: from the finger that comes until its click was dealt with, or until
 * it is clear that none comes. What is pressed must not be another thing when the click comes.
 */
export class Press {
  readonly #onChange: () => void
  readonly #closed = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDown = false

  constructor(onChange: () => void) {
    this.#onChange = onChange
    const { signal } = this.#closed
    // Wherever it leaves: a finger that slides away presses nothing any more.
    addEventListener('pointerup', () => this.#endsIn(clickWithinMs), { signal })
    addEventListener('pointercancel', () => this.#endsIn(0), { signal })
    // Behind everybody who hears of the click.
    addEventListener('click', () => this.#endsIn(0), { signal })
  }

  get isDown(): boolean {
    return this.#isDown
  }

  begin = (): void => {
    clearTimeout(this.#timer)
    if (this.#isDown) return
    this.#isDown = true
    this.#onChange()
  }

  close(): void {
    this.#closed.abort()
    clearTimeout(this.#timer)
  }

  #endsIn(ms: number): void {
    if (!this.#isDown) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isDown = false
      this.#onChange()
    }, ms)
  }
}
