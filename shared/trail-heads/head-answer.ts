import { isPlainObject, parseStrictJson } from '../kernel/strict-json.ts'
import type { TreeHash } from '../tlog/merkle-hash.ts'
import type { MerkleProof } from '../tlog/merkle-proof.ts'
import { hashInBase64 } from '../tlog/strict-base64.ts'

/** The log of heads of one life of the trail, as its auditor signed it last. */
export type LifeHead = Readonly<{
  /** The checkpoint, as a signed note. */
  head: string
  /** `null`: `proof` says that it goes on from the head that was asked about. */
  first: string | null
  /**
   * The proof that the first entry, `first`, which holds the head of the life before, is in the
   * tree.
   */
  proof: MerkleProof
}>

/** What `GET /audit/head` answers. */
export type HeadAnswer = Readonly<{
  /** That of the head that was asked about, and those after it; else the newest one alone. */
  lives: readonly LifeHead[]
  /** Verifier keys of the trail, for who was given none. */
  keys: readonly string[]
  /** The head that witnesses cosigned last, with their signatures; `null` without one. */
  witnessed: string | null
}>

/** The most lives in one answer; a reader that is further behind asks again. */
export const livesMax = 16
export const keysMax = 16
const proofMax = 63

export const encodeHeads = ({ lives, keys, witnessed }: HeadAnswer): string =>
  JSON.stringify({
    lives: lives.map(({ proof, ...life }) => ({
      ...life,
      proof: proof.map((hash) => hash.toString('base64')),
    })),
    keys,
    // Auditors and gateways of before had none: what they said is written alike.
    ...(witnessed !== null && { witnessed }),
  })

const isList = (value: unknown, max: number): value is readonly unknown[] =>
  Array.isArray(value) && value.length <= max

const isText = (value: unknown): value is string => typeof value === 'string'

const hashOf = (value: unknown): TreeHash | null => (isText(value) ? hashInBase64(value) : null)

const lifeIn = (value: unknown): LifeHead | null => {
  if (!isPlainObject(value)) return null
  const { head, first, proof } = value
  if (!isText(head) || !(first === null || isText(first)) || !isList(proof, proofMax)) return null
  const hashes = proof.map(hashOf)
  return hashes.every((hash) => hash !== null) ? { head, first, proof: hashes } : null
}

/** `null` when it is none. Nothing of it is verified. */
export const parseHeads = (text: string): HeadAnswer | null => {
  const read = parseStrictJson(text, { depthMax: 6 })
  if (!read.ok || !isPlainObject(read.value)) return null
  const { lives: given, keys, witnessed = null } = read.value
  if (!isList(given, livesMax) || !isList(keys, keysMax) || !keys.every(isText)) return null
  if (!(witnessed === null || isText(witnessed))) return null
  const lives = given.map(lifeIn)
  const areRead = lives.length > 0 && lives.every((life) => life !== null)
  return areRead ? { lives, keys, witnessed } : null
}
