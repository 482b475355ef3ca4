import { hash } from 'node:crypto'

/** Bytes of a token's id that are drawn, and those that follow from them. */
const drawnBytes = 12
export const tokenIdBytes = 16

const salt = Buffer.from('curfew token id')
const checkBytes = tokenIdBytes - drawnBytes

/** In hex. */
const checkOf = (drawn: Buffer): string =>
  hash('sha256', Buffer.concat([salt, drawn]), 'hex').slice(0, 2 * checkBytes)

/**
 * A token's id from 16 random bytes: the first 12, and 4 that follow from them. No index leads from
 * ids to tokens; by these a mistyped id is told from one that a gateway made, without asking. They
 * are no secret and prove nothing: who computes them passes; what is made up passes once in 2³².
 */
export const tokenIdWithChecksum = (random: Buffer): string => {
  const drawn = random.subarray(0, drawnBytes)
  return drawn.toString('hex') + checkOf(drawn)
}

/** Whether `jti`, 32 hex digits, is one that `tokenIdWithChecksum` makes. */
export const hasTokenIdChecksum = (jti: string): boolean =>
  tokenIdWithChecksum(Buffer.from(jti, 'hex')) === jti
