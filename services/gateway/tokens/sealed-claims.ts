import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SessionId, TokenId } from '../../../shared/kernel/ids.ts'
import type { CustomClaims } from './claims-hook.ts'

const nonceBytes = 12
const tagBytes = 16

/** The access token that the claims go into: sealed ones that moved elsewhere do not open. */
export type SealPlace = Readonly<{ sid: SessionId; jti: TokenId }>

// The signature is 256 bits that only holders of the token have: neither the store nor a backup of
// it can open what a commit holds, and everyone who presents the token can.
const keyOf = (presented: string): Buffer => {
  const signature = presented.slice(presented.lastIndexOf('.') + 1)
  return Buffer.from(hkdfSync('sha256', signature, '', 'curfew sealed claims 1', 32))
}
const placed = ({ sid, jti }: SealPlace): Buffer => Buffer.from(`${sid}:${jti}`)

/** AES-256-GCM under a key that follows from the presented refresh token (RFC 5869, SP 800-38D). */
export const sealClaims = (
  claims: CustomClaims,
  presented: string,
  place: SealPlace,
  entropy: Entropy,
): string => {
  const nonce = entropy.bytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(presented), nonce).setAAD(placed(place))
  const sealed = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')
}

/** @throws AuthError DATA_INVALID when it was sealed for another token or commit, or damaged. */
export const openClaims = (sealed: string, presented: string, place: SealPlace): CustomClaims => {
  const bytes = Buffer.from(sealed, 'base64url')
  const end = Math.max(bytes.length - tagBytes, nonceBytes)
  try {
    const nonce = bytes.subarray(0, nonceBytes)
    const cipher = createDecipheriv('aes-256-gcm', keyOf(presented), nonce, {
      authTagLength: tagBytes,
    }).setAAD(placed(place))
    cipher.setAuthTag(bytes.subarray(end))
    const text = Buffer.concat([cipher.update(bytes.subarray(nonceBytes, end)), cipher.final()])
    return JSON.parse(text.toString('utf8')) as CustomClaims
  } catch (cause) {
    throw new AuthError('DATA_INVALID', `the sealed claims of ${place.jti} do not open`, { cause })
  }
}
