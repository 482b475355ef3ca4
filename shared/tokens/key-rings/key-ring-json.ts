import { createPrivateKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { AuthError, isAuthError } from '../../kernel/errors.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import { isAlgorithm, isSymmetric, keyFits } from '../keys/index.ts'
import { damagedJwkMember } from './damaged-jwk.ts'
import { isMatchingKeyPair } from './key-pair-check.ts'
import {
  type KeyRing,
  type KeyStatus,
  keyRing,
  type RingKey,
  type RingKind,
  ringKey,
} from './key-ring.ts'

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
