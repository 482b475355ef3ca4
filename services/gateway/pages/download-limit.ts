import { AuthError } from '../../../shared/kernel/errors.ts'

const filesMax = 2

/** Who downloads a file of their own data at this gateway. */
export class DownloadLimit {
  readonly #owners = new Set<string>()

  /** What is returned lets the next one in. @throws AuthError RATE_LIMITED, OVERLOADED */
  enter(owner: string): () => void {
    const again = { retryAfterMs: 5_000 }
    if (this.#owners.has(owner)) {
      throw new AuthError('RATE_LIMITED', 'One file of your data at a time; try again.', again)
    }
    if (this.#owners.size >= filesMax) {
      const text = `As many files of own data are made here as may be (${filesMax}); try again.`
      throw new AuthError('OVERLOADED', text, again)
    }
    this.#owners.add(owner)
    return () => this.#owners.delete(owner)
  }
}
