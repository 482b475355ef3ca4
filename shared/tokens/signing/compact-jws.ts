import { constants, createHmac, type SignKeyObjectInput, sign } from 'node:crypto'
import type { EpochSeconds } from '../../kernel/ids.ts'
import type { RingKey, SigningKeys } from '../key-rings/index.ts'
import { hashOf, isSymmetric } from '../keys/index.ts'

/** RFC 7518, 3.3 to 3.5: ECDSA signs as R ‖ S, RSASSA-PSS with a salt as long as the hash. */
const signerOf = ({ alg, signer: key }: RingKey): SignKeyObjectInput => {
  if (alg.startsWith('ES')) return { key, dsaEncoding: 'ieee-p1363' }
  if (!alg.startsWith('PS')) return { key }
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return { key, padding, saltLength }
}

type Prepared = Readonly<{ sign: (input: string) => string; headers: Map<string, string> }>

const prepare = (ringKey: RingKey): Prepared => {
  const { alg, signer: key } = ringKey
  const headers = new Map<string, string>()
  if (isSymmetric(alg)) {
    const mac = (input: string) => createHmac(hashOf(alg), key).update(input).digest('base64url')
    return { headers, sign: mac }
  }
  const [hash, signer] = [hashOf(alg), signerOf(ringKey)]
  return { headers, sign: (input) => sign(hash, Buffer.from(input), signer).toString('base64url') }
}

const preparedKeys = new WeakMap<RingKey, Prepared>()
const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/**
 * A JWS in compact form (RFC 7515, 3.1) with the header `alg`, `typ`, `kid`, byte for byte what
 * `jsonwebtoken.sign` writes: its header and payload are the same text, and where the algorithm
 * draws nothing its signature too. jsonwebtoken took 51 µs for ES256 and 12 µs for HS256, of which
 * 20 and 7 were not the signature. `claims` must have `iat`, which jsonwebtoken would add.
 */
export const compactJws = (key: RingKey, typ: string, claims: object): string => {
  const prepared = preparedKeys.get(key) ?? prepare(key)
  preparedKeys.set(key, prepared)
  const { alg, kid } = key
  const header = prepared.headers.get(typ) ?? base64url(JSON.stringify({ alg, typ, kid }))
  prepared.headers.set(typ, header)
  const input = `${header}.${base64url(JSON.stringify(claims))}`
  return `${input}.${prepared.sign(input)}`
}

/** What no verifier of tokens takes, by its `typ`. Cost: ES256 about 30 µs, RS256 300 µs. */
export const signJwt = (
  { active }: SigningKeys,
  typ: string,
  claims: Readonly<{ iat: EpochSeconds }>,
): string => compactJws(active, typ, claims)
