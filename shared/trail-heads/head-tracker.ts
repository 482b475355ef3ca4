import type { KnownHead } from '../ports/trail-heads.ts'
import type { Checkpoint } from '../tlog/checkpoint.ts'
import { noteVerifier, parseVerifierKey } from '../tlog/note-key.ts'
import type { NoteVerifier } from '../tlog/signed-note.ts'
import { type ComparedHeads, compareHeads } from './compare-heads.ts'
import type { HeadAnswer } from './head-answer.ts'

/** Those of `keys` that are verifier keys. */
export const verifiersOf = (keys: readonly string[]): readonly NoteVerifier[] =>
  keys.flatMap((key) => {
    try {
      return [noteVerifier(parseVerifierKey(key))]
    } catch {
      return []
    }
  })

/**
 * Keeps the newest head of a trail, and takes a next one only when it goes on from there. With
 * `pinned` keys nobody else’s signature counts; without, those of the first answer, and then those
 * that each good answer names: a rotation is followed. Whoever could name a key of theirs there
 * still has to go on from the head that is kept.
 */
export class HeadTracker {
  #keys: readonly string[]
  readonly #isPinned: boolean
  #kept: Checkpoint | null = null

  constructor(pinned: readonly string[]) {
    this.#keys = pinned
    this.#isPinned = pinned.length > 0
  }

  get kept(): Checkpoint | null {
    return this.#kept
  }

  /** What to ask about. */
  known(): KnownHead | null {
    return this.#kept && { origin: this.#kept.origin, size: this.#kept.size }
  }

  take(answer: HeadAnswer): ComparedHeads {
    const keys = this.#keys.length > 0 ? this.#keys : answer.keys
    const judged = compareHeads(this.#kept, answer, verifiersOf(keys))
    if (judged.state !== 'consistent') return judged
    this.#kept = judged.head
    if (!this.#isPinned && answer.keys.length > 0) this.#keys = answer.keys
    return judged
  }
}
