import {
  createPrivateKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { AuthError } from '../kernel/errors.ts'
import type { EpochMs } from '../kernel/ids.ts'
import { isAlgorithm, isSymmetric, keyFits } from './algorithms.ts'
import { isPlainObject, parseStrictJson } from './json-scan.ts'
import {
  type KeyRing,
  type KeyStatus,
  type RingKey,
  type RingKind,
  ringKey,
  ringOf,
} from './keys.ts'

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

const signerOf = (symmetric: boolean, jwk: Record<string, unknown>): KeyObject => {
  try {
    return symmetric
      ? createSecretKey(Buffer.from(String(jwk['k'] ?? ''), 'base64url'))
      : createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    return invalid('a key does not parse')
  }
}

// OpenSSL takes a private scalar that does not belong to the public point; the first sign of it
// would be that no guard accepts any token. One signature at the start finds it.
const provesItself = ({ alg, signer, key }: RingKey): boolean => {
  if (isSymmetric(alg)) return true
  const probe = Buffer.from('curfew')
  return verify('sha256', probe, key, sign('sha256', probe, signer))
}

const readKey = (value: unknown): RingKey => {
  if (!isPlainObject(value)) return invalid('a key is no object')
  const { kid, alg, status, notAfter, jwk } = value
  if (!isAlgorithm(alg)) return invalid('a key has an unknown alg')
  if (!isStatus(status)) return invalid('a key has an unknown status')
  if (notAfter !== null && !Number.isSafeInteger(notAfter))
    return invalid('a notAfter is no instant')
  if (!isPlainObject(jwk)) return invalid('a key has no jwk')
  const signer = signerOf(isSymmetric(alg), jwk)
  if (!keyFits(alg, signer)) return invalid(`a key is too weak or of another type than ${alg}`)
  const key = ringKey(alg, signer, { status, notAfter: notAfter as EpochMs | null })
  if (key.kid !== kid) return invalid('a kid is not the thumbprint of its key')
  return provesItself(key) ? key : invalid('the halves of a key pair do not belong together')
}

/**
 * @throws AuthError KEYS_INVALID that says what is wrong and never shows a key. Each key is checked
 * against its id and its algorithm, and each pair signs once (RSA: about 1 ms).
 */
export const parseRing = <Kind extends RingKind>(kind: Kind, text: string): KeyRing<Kind> => {
  const parsed = parseStrictJson(text, { depthMax: 8 })
  if (!parsed.ok || !isPlainObject(parsed.value)) return invalid('it is no JSON object')
  const { format, ringId, keys, kind: given } = parsed.value
  if (format !== 1) return invalid('its format is not 1: a newer version wrote it')
  if (given !== kind) return invalid(`it holds no ${kind} ring`)
  if (typeof ringId !== 'string' || !/^[0-9a-f]{32}$/.test(ringId)) return invalid('bad ringId')
  if (!Array.isArray(keys)) return invalid('it has no keys')
  return ringOf(kind, ringId, keys.map(readKey))
}
