import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { Entropy } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { SessionId, TokenId } from '../../../shared/kernel/ids.ts'
import type { CustomClaims } from './claims-hook.ts'

const nonceBytes = 12
const tagBytes = 16

/** The access token that the claims are for: sealed claims do not open for another one. */
export type SealedFor = Readonly<{ sid: SessionId; jti: TokenId }>

// The key follows from the refresh token's signature, 256 bits that only holders of the token have.
// So the claims in a commit open for whoever sends the token, and not for a reader of the store or
// of its backup.
const keyOf = (refreshToken: string): Buffer => {
  const signature = refreshToken.slice(refreshToken.lastIndexOf('.') + 1)
  return Buffer.from(hkdfSync('sha256', signature, '', 'curfew sealed claims 1', 32))
}
const associatedData = ({ sid, jti }: SealedFor): Buffer => Buffer.from(`${sid}:${jti}`)

/** AES-256-GCM with a key derived from the refresh token by HKDF (RFC 5869, SP 800-38D). */
export const sealClaims = (
  claims: CustomClaims,
  refreshToken: string,
  place: SealedFor,
  entropy: Entropy,
): string => {
  const nonce = entropy.bytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', keyOf(refreshToken), nonce).setAAD(
    associatedData(place),
  )
  const sealed = Buffer.concat([cipher.update(JSON.stringify(claims), 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')
}

/** @throws AuthError DATA_INVALID if sealed for another token or commit, or damaged. */
export const openClaims = (
  sealed: string,
  refreshToken: string,
  place: SealedFor,
): CustomClaims => {
  const bytes = Buffer.from(sealed, 'base64url')
  const end = Math.max(bytes.length - tagBytes, nonceBytes)
  try {
    const nonce = bytes.subarray(0, nonceBytes)
    const cipher = createDecipheriv('aes-256-gcm', keyOf(refreshToken), nonce, {
      authTagLength: tagBytes,
    }).setAAD(associatedData(place))
    cipher.setAuthTag(bytes.subarray(end))
    const text = Buffer.concat([cipher.update(bytes.subarray(nonceBytes, end)), cipher.final()])
    return JSON.parse(text.toString('utf8')) as CustomClaims
  } catch (cause) {
    throw new AuthError('DATA_INVALID', `the sealed claims of ${place.jti} do not open`, { cause })
  }
}
