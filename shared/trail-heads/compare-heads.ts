import { isPlainObject, parseStrictJson } from '../kernel/strict-json.ts'
import { type Checkpoint, checkpointText, openOwnCheckpoint } from '../tlog/checkpoint.ts'
import { leafHash } from '../tlog/merkle-hash.ts'
import { isConsistent, isIncluded } from '../tlog/merkle-proof.ts'
import { type NoteVerifier, parseNote } from '../tlog/signed-note.ts'
import type { HeadAnswer, LifeHead } from './head-answer.ts'

/**
 * What a shown head is to who keeps an earlier one.
 * - `shorter`: the same log, with fewer entries than were signed.
 * - `rewritten`: it does not begin with what was signed.
 * - `discontinued`: another log, which does not begin with the head of the former one.
 * - `unsigned`: no key that is known here signed it.
 */
export const headStates = [
  'consistent',
  'shorter',
  'rewritten',
  'discontinued',
  'unsigned',
] as const
export type HeadState = (typeof headStates)[number]

/** `head`: what was shown; `null` when nobody known signed it. */
export type ComparedHeads = Readonly<{ state: HeadState; head: Checkpoint | null }>

/** What the first entry of a life says of the life before. */
const previousIn = (first: string): string | null => {
  const read = parseStrictJson(first, { depthMax: 8 })
  const previous = read.ok && isPlainObject(read.value) ? read.value['previous'] : null
  return typeof previous === 'string' ? parseNote(Buffer.from(previous)).text : null
}

/** Whether a log begins with the head of the former one. @throws AuthError TRAIL_INVALID */
const isNextLife = ({ first, proof }: LifeHead, head: Checkpoint, former: Checkpoint): boolean => {
  if (first === null || previousIn(first) !== checkpointText(former)) return false
  return isIncluded({ ...head, leaf: leafHash(Buffer.from(first)), index: 0, proof })
}

/**
 * What an answer is to who keeps the head `kept` (`null`: none yet). Pure.
 * @throws AuthError TRAIL_INVALID for what is no head, or signed by nobody of `known`
 */
const stateOf = (
  kept: Checkpoint | null,
  lives: readonly LifeHead[],
  heads: readonly Checkpoint[],
): HeadState => {
  const [head] = heads
  const [life] = lives
  if (kept === null || !head || !life) return 'consistent'
  if (head.origin !== kept.origin) return 'discontinued'
  if (head.size < kept.size) return 'shorter'
  if (!isConsistent(kept, head, life.proof)) return 'rewritten'
  const goesOn = lives.slice(1).every((next, index) => {
    const [former, own] = heads.slice(index)
    return former !== undefined && own !== undefined && isNextLife(next, own, former)
  })
  return goesOn ? 'consistent' : 'discontinued'
}

/** What an answer is to who keeps the head `kept`; `null` where there is none yet. Pure. */
export const compareHeads = (
  kept: Checkpoint | null,
  { lives }: HeadAnswer,
  known: readonly NoteVerifier[],
): ComparedHeads => {
  try {
    const heads = lives.map(({ head }) => openOwnCheckpoint(Buffer.from(head), known).checkpoint)
    return { state: stateOf(kept, lives, heads), head: heads.at(-1) ?? null }
  } catch {
    return { state: 'unsigned', head: null }
  }
}
