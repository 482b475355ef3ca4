import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type ECKeyPairOptions,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  type RSAKeyPairOptions,
} from 'node:crypto'
import type { MacRing } from '../../events/record-mac.ts'
import type { Entropy } from '../../kernel/entropy.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import { memoize } from '../../kernel/memoize.ts'
import {
  type Algorithm,
  curveOf,
  hmacBytesOf,
  isSymmetric,
  type KeyLookup,
  rsaBits,
  type VerifyKey,
} from '../keys/index.ts'
import { fleetIdOf } from './fleet-id.ts'

/**
 * `next` is shown before it signs, `retired` is shown until the last token that it signed is dead.
 */
export type KeyStatus = 'next' | 'active' | 'retired'
/**
 * `mac` signs records of `auth.revocations`, `events` those of `auth.events`. `set`: security event
 * tokens and logout tokens, and nothing that a guard accepts. `personal` wraps the keys that seal
 * what events say of persons.
 */
export type RingKind = 'access' | 'refresh' | 'mac' | 'events' | 'address' | 'personal' | 'set'

export type RingKey = VerifyKey &
  Readonly<{
    status: KeyStatus
    /** Private, or the same secret as `key`. */
    signer: KeyObject
  }>

/** Keys of one purpose: exactly one is active. Immutable; a rotation makes another ring. */
export type KeyRing<Kind extends RingKind = RingKind> = KeyLookup &
  Readonly<{
    kind: Kind
    /** Random and for ever: two fleets, or a lost and re-made file, never share it. */
    ringId: string
    keys: readonly RingKey[]
    active: RingKey
  }>
/** What signs and what is accepted: a ring, or a ring with keys from elsewhere beside its own. */
export type SigningKeys<Kind extends RingKind = RingKind> = KeyLookup &
  Readonly<{ kind: Kind; keys: readonly VerifyKey[]; active: RingKey }>
export type AccessKeys = SigningKeys<'access'>
export type AccessKeyRing = KeyRing<'access'>
export type RefreshKeyRing = KeyRing<'refresh'>
export type SetKeyRing = KeyRing<'set'>

/**
 * RFC 7638, for EC, RSA and oct keys. A MAC key has 256 random bits, so its hash gives nothing
 * away.
 */
export const thumbprint = (key: KeyObject): string => {
  const { kty, crv, x, y, n, e, k } = key.export({ format: 'jwk' })
  const members = kty === 'EC' ? { crv, kty, x, y } : kty === 'RSA' ? { e, kty, n } : { k, kty }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

/** A public `JsonWebKey` of an asymmetric key; the private members are never in it. */
export const publicJwk = (key: KeyObject): JsonWebKey =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })

const encoded = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const

// OpenSSL draws key pairs from its own generator: no seed of ours may decide a private key. They
// leave the generator encoded: a KeyObject that `generateKeyPairSync` returns shares a mutex with
// its job, and in Node 20 a garbage collection during `export({ format: 'jwk' })` frees the job,
// which waits for that mutex: the process hangs for ever (seen in one of ten test runs).
const newPair = (alg: Algorithm): Buffer => {
  const namedCurve = curveOf(alg)
  if (namedCurve === null) {
    const rsa: RSAKeyPairOptions<'der', 'der'> = { modulusLength: rsaBits, ...encoded }
    return generateKeyPairSync('rsa', rsa).privateKey
  }
  const ec: ECKeyPairOptions<'der', 'der'> = { namedCurve, ...encoded }
  return generateKeyPairSync('ec', ec).privateKey
}

const newSigner = (alg: Algorithm, entropy: Entropy): KeyObject =>
  isSymmetric(alg)
    ? createSecretKey(entropy.bytes(hmacBytesOf(alg)))
    : createPrivateKey({ key: newPair(alg), type: 'pkcs8', format: 'der' })

type KeyState = Readonly<{ status: KeyStatus; notAfter: EpochMs | null }>

export const ringKey = (alg: Algorithm, signer: KeyObject, state: KeyState): RingKey => {
  const key = signer.type === 'private' ? createPublicKey(signer) : signer
  return { kid: thumbprint(key), alg, key, signer, ...state }
}

/** @throws AuthError KEYS_INVALID unless exactly one key is active and no two share an id. */
export const keyRing = <Kind extends RingKind>(
  kind: Kind,
  ringId: string,
  keys: readonly RingKey[],
): KeyRing<Kind> => {
  const [active, ...others] = keys.filter(({ status }) => status === 'active')
  if (!active || others.length > 0) {
    throw new AuthError('KEYS_INVALID', `the ${kind} ring needs exactly one active key`)
  }
  const byId = new Map(keys.map((key) => [key.kid, key]))
  if (byId.size !== keys.length) {
    throw new AuthError('KEYS_INVALID', `the ${kind} ring holds one key twice`)
  }
  return { kind, ringId, keys, active, get: (kid) => byId.get(kid) }
}

export type KeyGeneration = Readonly<{ alg: Algorithm; entropy: Entropy }>
const freshKey = ({ alg, entropy }: KeyGeneration, status: KeyStatus): RingKey =>
  ringKey(alg, newSigner(alg, entropy), { status, notAfter: null })

/** A ring with an active key and the one that will follow it. Cost: RSA takes up to a second. */
export const createRing = <Kind extends RingKind>(
  kind: Kind,
  options: KeyGeneration,
): KeyRing<Kind> =>
  keyRing(kind, options.entropy.bytes(16).toString('hex'), [
    freshKey(options, 'active'),
    freshKey(options, 'next'),
  ])

const isKept =
  (at: EpochMs) =>
  ({ notAfter }: RingKey): boolean =>
    notAfter === null || notAfter > at

/**
 * The next key signs, a new one is shown behind it, the old one stays for `overlapMs`: the longest
 * life of what it signed, plus leeway; `null` for ever. Retired keys whose time is over go. Rotate
 * no sooner than caches of the key set live, or the next key signs before everybody has seen it.
 */
export const rotateRing = <Kind extends RingKind>(
  { kind, ringId, keys }: KeyRing<Kind>,
  {
    at,
    overlapMs,
    ...options
  }: KeyGeneration & Readonly<{ at: EpochMs; overlapMs: number | null }>,
): KeyRing<Kind> => {
  const notAfter = overlapMs === null ? null : ((at + overlapMs) as EpochMs)
  const next = keys.find(({ status }) => status === 'next') ?? freshKey(options, 'next')
  const retired = keys
    .filter(({ kid }) => kid !== next.kid)
    .filter(isKept(at))
    .map(
      (key): RingKey => (key.status === 'retired' ? key : { ...key, status: 'retired', notAfter }),
    )
  return keyRing(kind, ringId, [
    { ...next, status: 'active', notAfter: null },
    freshKey(options, 'next'),
    ...retired,
  ])
}

/** The key that will sign next is of `alg`; one that was shown and never signed goes. */
export const replaceNext = <Kind extends RingKind>(
  { kind, ringId, keys }: KeyRing<Kind>,
  options: KeyGeneration,
): KeyRing<Kind> =>
  keyRing(kind, ringId, [
    ...keys.filter(({ status }) => status !== 'next'),
    freshKey(options, 'next'),
  ])

/** Without a stolen key, at once; its tokens die with it. An active one is followed by the next. */
export const removeKey = <Kind extends RingKind>(
  ring: KeyRing<Kind>,
  kid: string,
  options: KeyGeneration & Readonly<{ at: EpochMs }>,
): KeyRing<Kind> => {
  const rotated = ring.active.kid === kid ? rotateRing(ring, { ...options, overlapMs: 0 }) : ring
  return keyRing(
    ring.kind,
    ring.ringId,
    rotated.keys.filter((key) => key.kid !== kid),
  )
}

/**
 * The ring as `shared/events` signs and checks records with it; follows `ring` when that is
 * reloaded, and `keys` is another map then. The fleet is named by the ring of `auth.revocations`
 * alone, which every version had.
 */
export const macRingOf = (
  ring: KeyRing<'mac' | 'events'>,
  fleet = fleetIdOf(ring.ringId),
): MacRing => {
  const secrets = secretsOf(ring)
  return {
    fleet,
    get active() {
      return ring.active.kid
    },
    get keys() {
      return secrets()
    },
  }
}

const secretsOf = (ring: KeyRing): (() => ReadonlyMap<string, KeyObject>) =>
  memoize(
    () => ring.keys,
    (keys) => new Map(keys.map(({ kid, signer }) => [kid, signer])),
  )

/** The ring that wraps the keys of persons; follows `ring` as `macRingOf` does. */
export const wrappingRingOf = (ring: KeyRing<'personal'>): Pick<MacRing, 'active' | 'keys'> => {
  const secrets = secretsOf(ring)
  return {
    get active() {
      return ring.active.kid
    },
    get keys() {
      return secrets()
    },
  }
}
