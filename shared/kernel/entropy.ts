import { randomBytes } from 'node:crypto'
import type { Claim, LogId, SessionId, SubjectId, TokenId } from './ids.ts'
import { tokenIdBytes, tokenIdWithChecksum } from './token-id-checksum.ts'

/** The one place that rolls dice. Tests pass a seeded one. */
export interface Entropy {
  bytes(count: number): Buffer
}

export const systemEntropy: Entropy = { bytes: (count) => randomBytes(count) }

const hex32 = (entropy: Entropy): string => entropy.bytes(16).toString('hex')
export const newTokenId = (entropy: Entropy): TokenId =>
  tokenIdWithChecksum(entropy.bytes(tokenIdBytes)) as TokenId
export const newSessionId = (entropy: Entropy): SessionId => hex32(entropy) as SessionId
export const newSubjectId = (entropy: Entropy): SubjectId => hex32(entropy) as SubjectId
export const newClaim = (entropy: Entropy): Claim => hex32(entropy) as Claim
export const newLogId = (entropy: Entropy): LogId => hex32(entropy) as LogId
/** A number in [0, 1): for jitter. */
export const fraction = (entropy: Entropy): number => entropy.bytes(4).readUInt32BE(0) / 2 ** 32
