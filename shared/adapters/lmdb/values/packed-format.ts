import { shapes, words } from './vocabulary.ts'

/**
 * What a byte begins. Below 0x20 it says what follows; above, it is a value itself. Part of the
 * stored format, as `vocabulary.ts` is.
 */
export const tag = {
  null: 0,
  true: 1,
  false: 2,
  /** A varint; the second is that of a number below zero. */
  integer: 3,
  negative: 4,
  /** An instant in ms, or in s, by its distance from the instant in ms before it. */
  instant: 5,
  seconds: 6,
  /** A length in bytes, then UTF-8. */
  text: 7,
  /** A length in bytes, then those that lower-case hex digits stand for. */
  hex: 8,
  /** A length in bytes, then those that stand in base64url: a digest, or the name of a key. */
  base64: 17,
  /** Three pieces of one text. */
  joined: 9,
  /** A text that is the JSON of the object that follows. */
  json: 10,
  /** A text that is the instant that follows, in ISO 8601. */
  isoTime: 11,
  /** The number of a word. */
  word: 12,
  /** The number of a text or of hex digits that were there before, counted from 0. */
  again: 13,
  /** A count, then values. */
  array: 14,
  /** A count, then keys and values. */
  object: 15,
  /** The number of a shape, then its values. */
  shape: 16,
} as const

/** Ranges of bytes that are a value by themselves, or the count that begins it. */
export const first = { integer: 0x20, again: 0x40, array: 0x60, object: 0x70, word: 0x80 } as const
/** The integers of one byte begin here. */
export const smallest = -1

export const depthMax = 32
/** Where instants are counted from before there was one. */
export const firstInstant = 1_800_000_000_000

const wordNumbers: ReadonlyMap<string, number> = new Map(words.map((word, index) => [word, index]))

const longestWord = Math.max(...words.map(({ length }) => length))
const firstCode = (text: string): number => (text === '' ? 0 : text.charCodeAt(0) % 0x80)
const outlineOf = (text: string): number => text.length * 0x80 + firstCode(text)
/** For each length and first character: whether there is such a word. */
const outlines = new Uint8Array((longestWord + 1) * 0x80)
for (const word of words) outlines[outlineOf(word)] = 1

/** Most texts are no words; to look for one in a map takes a hash of the whole text. */
export const wordNumber = (text: string): number | null =>
  text.length <= longestWord && outlines[outlineOf(text)] === 1
    ? (wordNumbers.get(text) ?? null)
    : null

type Step = { readonly next: Map<string, Step>; shape: number | null }
const newStep = (): Step => ({ next: new Map(), shape: null })

const firstStep = newStep()
for (const [number, keys] of shapes.entries()) {
  let step = firstStep
  for (const key of keys) {
    const next = step.next.get(key) ?? newStep()
    step.next.set(key, next)
    step = next
  }
  step.shape = number
}

/** The number of the shape that has just these keys in this order. */
export const shapeOf = (keys: readonly string[]): number | null => {
  let step: Step | undefined = firstStep
  for (const key of keys) {
    step = step.next.get(key)
    if (step === undefined) return null
  }
  return step.shape
}
