import { AuthError } from '../kernel/errors.ts'
import { openOwnCheckpoint, type Signed } from './checkpoint.ts'
import { leafHash } from './merkle-hash.ts'
import { isIncluded, type MerkleProof } from './merkle-proof.ts'
import type { NoteVerifier } from './signed-note.ts'
import { hashInBase64, strictBase64 } from './strict-base64.ts'

/** What proves offline that an entry is in a log (C2SP tlog-proof). */
export type TlogProof = Readonly<{
  /** Whatever an application adds; nothing vouches for it. */
  extra: Buffer | null
  index: number
  proof: MerkleProof
  /** The signed note, as the log has it. */
  checkpoint: Buffer
}>

const firstLine = 'c2sp.org/tlog-proof@v1'
/** A tree of 2^53 leaves has no longer path. */
const hashesMax = 64
const proofBytesMax = 2_000_000

const refuse = (problem: string): never => {
  throw new AuthError('TRAIL_INVALID', `the proof ${problem}`)
}

export const formatTlogProof = ({ extra, index, proof, checkpoint }: TlogProof): Buffer => {
  const lines = [
    firstLine,
    ...(extra === null ? [] : [`extra ${extra.toString('base64')}`]),
    `index ${index}`,
    ...proof.map((hash) => hash.toString('base64')),
    '',
  ]
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\n`).join('')), checkpoint])
}

const hashIn = (line: string): Buffer => hashInBase64(line) ?? refuse('has a line that is no hash')

/** @throws AuthError TRAIL_INVALID when it is none */
export const parseTlogProof = (bytes: Buffer): TlogProof => {
  if (bytes.length > proofBytesMax) refuse(`is longer than ${proofBytesMax} bytes`)
  const end = bytes.indexOf('\n\n')
  if (end < 0) refuse('has no checkpoint')
  const [first, ...lines] = bytes.subarray(0, end).toString('utf8').split('\n')
  if (first !== firstLine) refuse(`does not begin with ${firstLine}`)
  const encoded = /^extra (.*)$/.exec(lines[0] ?? '')?.[1]
  if (encoded !== undefined) lines.shift()
  const extra = encoded === undefined ? null : strictBase64(encoded)
  if (encoded !== undefined && extra === null) refuse('has extra data that is no base64')
  const index = Number(/^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1] ?? Number.NaN)
  if (!Number.isSafeInteger(index)) refuse('has no index')
  if (lines.length > hashesMax) refuse(`has more than ${hashesMax} hashes`)
  return { extra, index, proof: lines.map(hashIn), checkpoint: bytes.subarray(end + 2) }
}

/**
 * Whether `entry` is in a log that one of `known` signed for.
 * @throws AuthError TRAIL_INVALID when it is not, with the reason
 */
export const verifyTlogProof = (
  { index, proof, checkpoint }: TlogProof,
  entry: Uint8Array,
  known: readonly NoteVerifier[],
): Signed => {
  const signed = openOwnCheckpoint(checkpoint, known)
  const { size, root } = signed.checkpoint
  if (!isIncluded({ leaf: leafHash(entry), index, size, root, proof })) {
    refuse('does not lead from the entry to the root')
  }
  return signed
}
