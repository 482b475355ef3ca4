import { AuthError } from '../kernel/errors.ts'
import type { MerkleProof } from './merkle-proof.ts'
import { hashInBase64 } from './strict-base64.ts'

/** What a log asks a witness (C2SP tlog-witness, `add-checkpoint`). */
export type AddCheckpoint = Readonly<{
  /** The size of the tree that the witness cosigned last, as far as the log knows. */
  oldSize: number
  /** That the new tree begins with the old one. */
  proof: MerkleProof
  /** The checkpoint, as a signed note. */
  note: Buffer
}>

const proofLinesMax = 63

export const formatAddCheckpoint = ({ oldSize, proof, note }: AddCheckpoint): Buffer => {
  const lines = proof.map((hash) => `${hash.toString('base64')}\n`).join('')
  return Buffer.concat([Buffer.from(`old ${oldSize}\n${lines}\n`), note])
}

const refuse = (problem: string): never => {
  throw new AuthError('INPUT_INVALID', `the request ${problem}`)
}

const hashIn = (line: string): Buffer =>
  hashInBase64(line) ?? refuse('has a line of its proof that is no hash')

/** Says nothing of the note. @throws AuthError INPUT_INVALID with what is wrong of the rest */
export const parseAddCheckpoint = (bytes: Buffer): AddCheckpoint => {
  const split = bytes.indexOf('\n\n')
  if (split < 0) return refuse('has no empty line before the checkpoint')
  const [first = '', ...lines] = bytes.subarray(0, split).toString('latin1').split('\n')
  const [, decimal = ''] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? []
  const oldSize = Number(decimal)
  if (decimal === '' || !Number.isSafeInteger(oldSize)) refuse('does not begin with the old size')
  if (lines.length > proofLinesMax) refuse(`has a proof of more than ${proofLinesMax} lines`)
  return { oldSize, proof: lines.map(hashIn), note: bytes.subarray(split + 2) }
}
