import type { KeyObject } from 'node:crypto'
import { isStrongRsa } from './rsa-strength.ts'

/** What Simple-JWT can sign with and jsonwebtoken can too (it has no EdDSA). */
export const algorithms = [
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'HS256',
  'HS384',
  'HS512',
] as const
export type Algorithm = (typeof algorithms)[number]

export const isAlgorithm = (value: unknown): value is Algorithm =>
  algorithms.some((known) => known === value)

/** HMAC: who can verify can sign, so such a key never leaves the gateway's files. */
export const isSymmetric = (alg: Algorithm): boolean => alg.startsWith('HS')

/** RFC 7518, section 3.4: the one curve of each ECDSA algorithm, by OpenSSL's name. */
export const curveOf = (alg: Algorithm): string | null =>
  ({ ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' })[alg as string] ?? null

/** RFC 7518, section 3.2: an HMAC key is at least as long as the hash. */
export const hmacBytesOf = (alg: Algorithm): number => Number(alg.slice(2)) / 8

/** Every algorithm ends with the length of its SHA-2 hash, by OpenSSL's name. */
export const hashOf = (alg: Algorithm): string => `sha${alg.slice(2)}`

/** What a public key is for unless it says so: its curve's algorithm, RS256 for RSA. */
export const usualAlgorithm = (key: KeyObject): Algorithm | null =>
  algorithms.find((alg) => !isSymmetric(alg) && keyFits(alg, key)) ?? null

/**
 * Whether `key` may be used with `alg` at all. jsonwebtoken alone takes an HMAC key of one byte, so
 * strength is decided here, when a key enters a ring, and not at each token.
 */
export const keyFits = (alg: Algorithm, key: KeyObject): boolean => {
  if (isSymmetric(alg)) {
    return key.type === 'secret' && (key.symmetricKeySize ?? 0) >= hmacBytesOf(alg)
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const curve = curveOf(alg)
  if (curve !== null) return type === 'ec' && details?.namedCurve === curve
  return type === 'rsa' && isStrongRsa(key)
}
