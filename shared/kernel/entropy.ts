import { randomBytes, randomFillSync } from 'node:crypto'
import type { Claim, LogId, SessionId, SubjectId, TokenId } from './ids.ts'
import { tokenIdBytes, tokenIdWithChecksum } from './token-id-checksum.ts'

/** The one place that rolls dice. Tests pass a seeded one. */
export interface Entropy {
  bytes(count: number): Buffer
}

/** What ids take. More, which may be a key, is drawn alone and lies in no shared memory. */
const pooledMax = 16
const poolBytes = 4_096
let pool = Buffer.alloc(0)

/**
 * A request draws five ids, and a call of the operating system costs as much for one as for 256
 * (2.5 µs). Each byte of the pool is handed out once: a spent pool is left, not filled again.
 */
const pooledBytes = (count: number): Buffer => {
  if (pool.length < count) pool = randomFillSync(Buffer.allocUnsafeSlow(poolBytes))
  const drawn = pool.subarray(0, count)
  pool = pool.subarray(count)
  return drawn
}

export const systemEntropy: Entropy = {
  bytes: (count) => (count <= pooledMax ? pooledBytes(count) : randomBytes(count)),
}

const hex32 = (entropy: Entropy): string => entropy.bytes(16).toString('hex')
export const newTokenId = (entropy: Entropy): TokenId =>
  tokenIdWithChecksum(entropy.bytes(tokenIdBytes)) as TokenId
export const newSessionId = (entropy: Entropy): SessionId => hex32(entropy) as SessionId
export const newSubjectId = (entropy: Entropy): SubjectId => hex32(entropy) as SubjectId
export const newClaim = (entropy: Entropy): Claim => hex32(entropy) as Claim
export const newLogId = (entropy: Entropy): LogId => hex32(entropy) as LogId
/** A number in [0, 1): for jitter. */
export const fraction = (entropy: Entropy): number => entropy.bytes(4).readUInt32BE(0) / 2 ** 32
