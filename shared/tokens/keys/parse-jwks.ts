import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import { isAlgorithm, isSymmetric, keyFits, usualAlgorithm } from './algorithms.ts'
import { setPurpose, type VerifyKey } from './verify-key.ts'

// An object as `kid` was taken; a path or a query in it must meet nothing that would follow it.
const kidPattern = /^[A-Za-z0-9_-]{1,64}$/
export const isKeyId = (kid: unknown): kid is string =>
  typeof kid === 'string' && kidPattern.test(kid)

// Key ids of others have dots, slashes and `=`; they too are only ever looked up in a map.
const foreignKidPattern = /^[\x21-\x7e]{1,128}$/
export const isForeignKeyId = (kid: unknown): kid is string =>
  typeof kid === 'string' && foreignKidPattern.test(kid)

export type ParsedJwks =
  | Readonly<{ ok: true; keys: ReadonlyMap<string, VerifyKey> }>
  | Readonly<{ ok: false; problem: string }>

const keysMax = 32
// RFC 7518, section 6: members that only private or symmetric keys have.
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const isSecret = (jwk: Record<string, unknown>): boolean =>
  jwk['kty'] === 'oct' || secretMembers.some((name) => Object.hasOwn(jwk, name))
const isPrivate = (jwk: Record<string, unknown>): boolean => jwk['kty'] !== 'oct' && isSecret(jwk)

type KeySetRules = Readonly<{
  /** Takes symmetric keys too: from a private file, never from the network. */
  secrets: boolean
  /** Key ids of any form, and keys that do not say their algorithm. */
  lenient: boolean
}>
const ownRules: KeySetRules = { secrets: false, lenient: false }
export const privateRules: KeySetRules = { secrets: true, lenient: false }
const foreignRules: KeySetRules = { secrets: false, lenient: true }

const keyObjectOf = (jwk: Record<string, unknown>): KeyObject =>
  jwk['kty'] === 'oct'
    ? createSecretKey(Buffer.from(String(jwk['k'] ?? ''), 'base64url'))
    : createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })

/** RFC 7517, 4.3: each operation once, and no other use of the same key. */
const areForVerifying = (operations: unknown, kty: unknown): boolean =>
  Array.isArray(operations) &&
  operations.includes('verify') &&
  new Set(operations).size === operations.length &&
  operations.every((one) => one === 'verify' || (one === 'sign' && kty === 'oct'))

const isForVerifying = ({ use, key_ops: operations, kty }: Record<string, unknown>): boolean =>
  (use === undefined || use === 'sig') &&
  (operations === undefined || areForVerifying(operations, kty))

const verifyKeyOf = (jwk: Record<string, unknown>, lenient: boolean): VerifyKey | null => {
  const { kid, purpose } = jwk
  const isId = lenient ? isForeignKeyId : isKeyId
  if (!isId(kid) || !isForVerifying(jwk) || purpose === setPurpose) return null
  try {
    const key = keyObjectOf(jwk)
    const alg = jwk['alg'] ?? (lenient && key.type === 'public' ? usualAlgorithm(key) : null)
    if (!isAlgorithm(alg) || isSymmetric(alg) !== (key.type === 'secret')) return null
    return keyFits(alg, key) ? { kid, alg, key, notAfter: null } : null
  } catch {
    return null
  }
}

/**
 * Reads a key set from elsewhere. Keys of other uses, operations or algorithms, and weak ones, are
 * passed over (RFC 7517, section 5); a set that shows a private or symmetric key, holds one id
 * twice, or leaves no key is refused as a whole.
 */
export const parseJwks = (text: string): ParsedJwks => parseKeySet(text, ownRules)

/** As `parseJwks`, for another issuer's set. */
export const parseForeignJwks = (text: string): ParsedJwks => parseKeySet(text, foreignRules)

/** As `parseJwks`, for key sets that a person put into a file or a setting. */
export const parseKeySet = (text: string, { secrets, lenient }: KeySetRules): ParsedJwks => {
  const parsed = parseStrictJson(text, { depthMax: 6 })
  const listed = parsed.ok && isPlainObject(parsed.value) ? parsed.value['keys'] : null
  if (!Array.isArray(listed) || !listed.every(isPlainObject)) {
    return { ok: false, problem: 'it is no key set' }
  }
  if (listed.length > keysMax) return { ok: false, problem: `it has more than ${keysMax} keys` }
  const isHidden = secrets ? isPrivate : isSecret
  if (listed.some(isHidden)) return { ok: false, problem: 'it shows a private or symmetric key' }
  // Kinds that must never be taken for one another do not lie in one set.
  const secretCount = listed.filter(({ kty }) => kty === 'oct').length
  if (secretCount > 0 && secretCount < listed.length) {
    return { ok: false, problem: 'it mixes symmetric with public keys' }
  }
  const ids = listed.map(({ kid }) => kid).filter((kid) => kid !== undefined)
  if (new Set(ids).size !== ids.length) return { ok: false, problem: 'it holds one kid twice' }
  const keys = new Map<string, VerifyKey>()
  for (const jwk of listed) {
    const key = verifyKeyOf(jwk, lenient)
    if (key !== null) keys.set(key.kid, key)
  }
  return keys.size === 0 ? { ok: false, problem: 'it has no usable key' } : { ok: true, keys }
}
