import { type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto'
import { numberOf } from '../keys/index.ts'

type Pair = Readonly<{ signer: KeyObject; key: KeyObject }>

const probe = Buffer.from('curfew')

/**
 * RFC 8017, section 3.2. OpenSSL signs by the primes, compares, and falls back to `d` in silence:
 * a signature alone shows no damage to one of the two ways.
 */
const isSoundRsa = (jwk: JsonWebKey): boolean => {
  const [n, e, d, p] = [numberOf(jwk.n), numberOf(jwk.e), numberOf(jwk.d), numberOf(jwk.p)]
  const [q, dp, dq, qi] = [numberOf(jwk.q), numberOf(jwk.dp), numberOf(jwk.dq), numberOf(jwk.qi)]
  if (p <= 1n || q <= 1n || p * q !== n || d >= n) return false
  if ((e * d) % (p - 1n) !== 1n || (e * d) % (q - 1n) !== 1n) return false
  return dp === d % (p - 1n) && dq === d % (q - 1n) && qi < p && (qi * q) % p === 1n
}

/**
 * Whether the private half of a pair is whole and belongs to the public one. What OpenSSL refuses
 * of it differs from version to version, and each takes some keys that are damaged. RSA keys of
 * more than two primes are not sound here. Cost: one signature (RSA: about 1 ms).
 */
export const isMatchingKeyPair = ({ signer, key }: Pair): boolean => {
  try {
    const isWhole = key.asymmetricKeyType !== 'rsa' || isSoundRsa(signer.export({ format: 'jwk' }))
    return isWhole && verify('sha256', probe, key, sign('sha256', probe, signer))
  } catch {
    return false
  }
}
