import { type ECKeyPairOptions, generateKeyPairSync, type RSAKeyPairOptions } from 'node:crypto'
import { type Algorithm, isSymmetric } from '../../../shared/tokens/keys/algorithms.ts'

// Encoded by the generator: see `newPair` in shared/tokens/key-rings/key-ring.ts.
const encoded = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const

type Pair = Readonly<{ publicKey: string; privateKey: string }>
const ec = (namedCurve: string): Pair => {
  const options: ECKeyPairOptions<'pem', 'pem'> = { namedCurve, ...encoded }
  return generateKeyPairSync('ec', options)
}
const rsaOf = (modulusLength: number): Pair => {
  const options: RSAKeyPairOptions<'pem', 'pem'> = { modulusLength, ...encoded }
  return generateKeyPairSync('rsa', options)
}

// Made once a process: RSA keys of 2048 bits take a moment each.
const rsa = rsaOf(2048)
export const weakRsa: Pair = rsaOf(1024)
const curves: Readonly<Record<string, Pair>> = {
  ES256: ec('prime256v1'),
  ES384: ec('secp384r1'),
  ES512: ec('secp521r1'),
}
export const otherEs256: Pair = ec('prime256v1')

/** Long enough for HS512. */
export const hmacSecret = 'a secret of the tests, which is longer than the 64 bytes of HS512 need'

/** A key pair that fits an algorithm, as PEM; the secret twice for HMAC. */
export const pairFor = (alg: Algorithm): Pair =>
  isSymmetric(alg) ? { publicKey: hmacSecret, privateKey: hmacSecret } : (curves[alg] ?? rsa)
