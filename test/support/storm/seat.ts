import type { Visitor } from '../requests/visitor.ts'

export type Person = { readonly username: string; password: string }

/** What the caller of a revocation was told, and when, by the monotonic clock of the driver. */
export type Ending = Readonly<{ atMs: number; position: string | null; by: string }>

/**
 * One session, and what must hold for it. `unsure` = it is about to end, or the answer to that was
 * lost: nothing is claimed until somebody has said that its end is durable.
 */
export class Seat {
  readonly person: Person
  readonly name: string
  #visitor: Visitor
  #ending: Ending | null = null
  #isUnsure = false
  #since = 0

  constructor(person: Person, name: string, visitor: Visitor, atMs: number) {
    this.person = person
    this.name = name
    this.#visitor = visitor
    this.#since = atMs
  }

  /** The tokens; of an ended session those that a thief would have. */
  get visitor(): Visitor {
    return this.#visitor
  }

  get ending(): Ending | null {
    return this.#ending
  }

  get isLive(): boolean {
    return this.#ending === null && !this.#isUnsure
  }

  /** Live since before `atMs`, and until now. */
  wasLiveAt(atMs: number): boolean {
    return this.isLive && this.#since <= atMs
  }

  unsure(): void {
    this.#isUnsure = true
  }

  /** An answer may have cleared the cookies; these are those before it. */
  keep(lastTokens: Visitor): void {
    this.#visitor = lastTokens
  }

  ended(ending: Ending, lastTokens: Visitor): void {
    this.#visitor = lastTokens
    this.#ending = ending
    this.#isUnsure = false
  }
}
