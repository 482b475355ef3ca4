import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { AuthError } from '../../kernel/errors.ts'
import { isPlainObject, parseStrictJson } from '../../kernel/strict-json.ts'
import {
  isMatchingKeyPair,
  parseRing,
  type RingKey,
  ringKey,
  thumbprint,
} from '../key-rings/index.ts'
import {
  type Algorithm,
  hmacBytesOf,
  isSymmetric,
  keyFits,
  parseKeySet,
  privateRules,
  usualAlgorithm,
  type VerifyKey,
} from '../keys/index.ts'

// The cause is left out everywhere here: OpenSSL's messages may quote what they could not read.
const invalid = (problem: string): never => {
  throw new AuthError('KEYS_INVALID', problem)
}

const isPem = (text: string): boolean => text.includes('-----BEGIN ')
/** Environment files often spell line ends as two characters. */
const withLineEnds = (text: string): string => text.replaceAll('\\n', '\n').trim()

const distinctBytesMin = 8
/** Django's own marks of a key that `startproject` made and nobody replaced. */
const placeholder = /^django-insecure-|^(?:change|replace)-?me/i

// What a person can type is weaker than its length; only what is plainly no secret is refused here.
const secretKey = (text: string, alg: Algorithm): KeyObject => {
  const bytes = Buffer.from(text, 'utf8')
  if (placeholder.test(text)) return invalid('is a placeholder and no secret')
  if (bytes.length < hmacBytesOf(alg)) {
    return invalid(`is too short: ${alg} takes ${hmacBytesOf(alg)} bytes or more`)
  }
  if (new Set(bytes).size < distinctBytesMin) return invalid('repeats a few characters')
  return createSecretKey(bytes)
}

const privateKey = (text: string): KeyObject => {
  if (/ENCRYPTED/.test(text)) return invalid('is encrypted: give it decrypted, in a private file')
  try {
    return createPrivateKey(text)
  } catch {
    return invalid('is no private key in PEM')
  }
}

const algorithmFor = (key: KeyObject, alg: Algorithm | null): Algorithm => {
  const fitting = alg === null ? usualAlgorithm(key) : keyFits(alg, key) ? alg : null
  return (
    fitting ??
    invalid(
      `does not fit ${alg ?? 'any algorithm'}: RS* and PS* take RSA keys of 2048 bits or more ` +
        'with an odd exponent from 65537 on, and none of the generator of CVE-2017-15361; ' +
        'ES256, ES384 and ES512 a key on P-256, P-384 and P-521',
    )
  )
}

/**
 * The key of `CURFEW_SIGNING_KEY`. The algorithm decides how the text is read: a PEM is never taken
 * for an HMAC secret, which everybody who has the public key could guess from it.
 * @throws AuthError KEYS_INVALID that says what is wrong and never shows the key.
 */
export const readSigningKey = (given: string, alg: Algorithm | null): RingKey => {
  const text = withLineEnds(given)
  const state = { status: 'active', notAfter: null } as const
  if (!isPem(text)) {
    if (alg === null) return invalid('is no PEM; a secret needs CURFEW_ALGORITHM=HS256 beside it')
    if (!isSymmetric(alg)) return invalid(`is no PEM private key, which ${alg} needs`)
    return ringKey(alg, secretKey(given.trim(), alg), state)
  }
  if (alg !== null && isSymmetric(alg)) return invalid(`is a PEM, and ${alg} takes a secret`)
  const signer = privateKey(text)
  const key = ringKey(algorithmFor(signer, alg), signer, state)
  return isMatchingKeyPair(key) ? key : invalid('is damaged: its halves do not belong together')
}

const pemPattern = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g
const publicKey = (pem: string, alg: Algorithm | null): VerifyKey => {
  if (pem.includes('PRIVATE KEY')) return invalid('holds a private key: give the public half')
  try {
    const key = createPublicKey(pem)
    const own = alg !== null && keyFits(alg, key) ? alg : algorithmFor(key, null)
    return { kid: thumbprint(key), alg: own, key, notAfter: null }
  } catch (error) {
    if (error instanceof AuthError) throw error
    return invalid('has a PEM that is no key')
  }
}

const publicKeys = (text: string, alg: Algorithm | null): readonly VerifyKey[] => {
  const found = [...text.matchAll(pemPattern)].map(([pem]) => publicKey(pem, alg))
  return found.length > 0 ? found : invalid('has no whole PEM')
}

const jsonKeys = (text: string): readonly VerifyKey[] => {
  const parsed = parseStrictJson(text, { depthMax: 8 })
  if (!parsed.ok || !isPlainObject(parsed.value)) return invalid('is no JSON object')
  if (Object.hasOwn(parsed.value, 'format')) return parseRing('access', text).keys
  const set = parseKeySet(text, privateRules)
  return set.ok ? [...set.keys.values()] : invalid(`is no key set to verify with: ${set.problem}`)
}

/**
 * The keys of `CURFEW_VERIFYING_KEY`: PEM public keys one after another, a JWK Set (which may hold
 * `oct` keys here), a gateway's `signing.json`, or an HMAC secret. An RSA key in PEM is for `alg`
 * if that fits it, else for RS256.
 * @throws AuthError KEYS_INVALID that says what is wrong and never shows a key.
 */
export const readVerifyingKeys = (given: string, alg: Algorithm | null): readonly VerifyKey[] => {
  const text = withLineEnds(given)
  if (isPem(text)) return publicKeys(text, alg)
  if (given.trim().startsWith('{')) return jsonKeys(given)
  if (alg === null || !isSymmetric(alg)) {
    return invalid('is neither PEM nor a key set; a secret needs CURFEW_ALGORITHM=HS256 beside it')
  }
  const key = secretKey(given.trim(), alg)
  return [{ kid: thumbprint(key), alg, key, notAfter: null }]
}
