/** Lets readers wait for the next write instead of polling for it. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>()
  #count = 0

  /**
   * How often it woke so far; to be taken before the read whose outcome decides whether to wait.
   */
  count(): number {
    return this.#count
  }

  notify(): void {
    this.#count += 1
    for (const resume of this.#waiting) resume()
  }

  /** Resolves once it woke after `count` was taken, or when `signal` aborts; never rejects. */
  changedSince(count: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#count > count) return resolve()
      const resume = (): void => {
        this.#waiting.delete(resume)
        signal.removeEventListener('abort', resume)
        resolve()
      }
      this.#waiting.add(resume)
      signal.addEventListener('abort', resume)
    })
  }
}
