import {
  createPrivateKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { AuthError, isAuthError } from '../../kernel/errors.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import { isAlgorithm, isSymmetric, keyFits, numberOf } from '../keys/index.ts'
import {
  type KeyRing,
  type KeyStatus,
  keyRing,
  type RingKey,
  type RingKind,
  ringKey,
} from './key-ring.ts'

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

const numbers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['x', 'y', 'd']],
  ['RSA', ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']],
  ['oct', ['k']],
])
const curveBytes: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 32],
  ['P-384', 48],
  ['P-521', 66],
])

const bytesOf = (member: unknown): Buffer | null => {
  if (typeof member !== 'string') return null
  const bytes = Buffer.from(member, 'base64url')
  return bytes.toString('base64url') === member ? bytes : null
}

/**
 * The first member of a private or symmetric key that is not written as RFC 7518, section 6, wants
 * it; `null` when all are. Decoders pass over foreign characters, odd bits at the end and zeros
 * before a number, and Node 20 and 22 abort the process that exports an EC key whose `d` is too
 * long.
 */
const damagedJwkMember = (jwk: Record<string, unknown>): string | null => {
  const { kty, crv } = jwk
  const names = numbers.get(kty)
  if (names === undefined) return 'kty'
  const size = curveBytes.get(crv)
  if (kty === 'EC' && size === undefined) return 'crv'
  const isWhole = (name: string): boolean => {
    const bytes = bytesOf(jwk[name])
    if (bytes === null) return false
    if (kty === 'EC') return bytes.length === size
    return kty === 'oct' || (bytes[0] ?? 0) !== 0
  }
  return names.find((name) => !isWhole(name)) ?? null
}

/**
 * A ring as text, with its private keys. `format` is a promise: version 1 stays readable for ever.
 */
export const serializeRing = ({ kind, ringId, keys }: KeyRing): string =>
  `${JSON.stringify(
    {
      format: 1,
      kind,
      ringId,
      keys: keys.map(({ kid, alg, status, notAfter, signer }) => ({
        kid,
        alg,
        status,
        notAfter,
        jwk: signer.export({ format: 'jwk' }),
      })),
    },
    null,
    2,
  )}\n`

// The cause is left out: OpenSSL's message may quote what it could not read.
const invalid = (problem: string): never => {
  throw new AuthError('KEYS_INVALID', problem)
}

const isStatus = (value: unknown): value is KeyStatus =>
  value === 'next' || value === 'active' || value === 'retired'

const signerOf = (jwk: Record<string, unknown>): KeyObject =>
  jwk['kty'] === 'oct'
    ? createSecretKey(Buffer.from(String(jwk['k']), 'base64url'))
    : createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })

const unsound = 'has a jwk whose members do not belong together'

const readKey = (value: unknown): RingKey => {
  if (!isPlainObject(value)) return invalid('is no object')
  const { kid, alg, status, notAfter, jwk } = value
  if (!isAlgorithm(alg)) return invalid('has an unknown alg')
  if (!isStatus(status)) return invalid('has an unknown status')
  if (notAfter !== null && !Number.isSafeInteger(notAfter))
    return invalid('has a notAfter that is no instant')
  if (!isPlainObject(jwk)) return invalid('has no jwk')
  const member = damagedJwkMember(jwk)
  if (member !== null) return invalid(`has a jwk whose ${member} is damaged`)
  const signer = signerOf(jwk)
  if (!keyFits(alg, signer)) return invalid(`is too weak or of another type than ${alg}`)
  const key = ringKey(alg, signer, { status, notAfter: notAfter as EpochMs | null })
  if (key.kid !== kid) return invalid('has a kid that is not the thumbprint of its key')
  if (isSymmetric(alg) || isMatchingKeyPair(key)) return key
  return invalid(unsound)
}

/**
 * What OpenSSL says of members that are well written comes from any step, and from another one in
 * each of its versions.
 */
const readKeyAt = (value: unknown, index: number): RingKey => {
  try {
    return readKey(value)
  } catch (error) {
    const problem = isAuthError(error, 'KEYS_INVALID') ? error.message : unsound
    return invalid(`keys[${index}] ${problem}`)
  }
}

/**
 * @throws AuthError KEYS_INVALID that says what is wrong and never shows a key. Each key is checked
 * against its id and its algorithm, and each pair as a whole (RSA: about 1 ms).
 */
export const parseRing = <Kind extends RingKind>(kind: Kind, text: string): KeyRing<Kind> => {
  const parsed = parseStrictJson(text, { depthMax: 8 })
  if (!parsed.ok || !isPlainObject(parsed.value)) return invalid('it is no JSON object')
  const { format, ringId, keys, kind: given } = parsed.value
  if (format !== 1) return invalid('its format is not 1: a newer version wrote it')
  if (given !== kind) return invalid(`it holds no ${kind} ring`)
  if (typeof ringId !== 'string' || !/^[0-9a-f]{32}$/.test(ringId)) return invalid('bad ringId')
  if (!Array.isArray(keys)) return invalid('it has no keys')
  return keyRing(kind, ringId, keys.map(readKeyAt))
}
