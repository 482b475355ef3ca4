import type { JsonWebKey } from 'node:crypto'
import type { EpochMs } from '../kernel/ids.ts'
import { type Algorithm, isSymmetric } from './algorithms.ts'
import { type AccessKeyRing, publicJwk } from './keys.ts'

export type PublicJwk = JsonWebKey & Readonly<{ kid: string; alg: Algorithm; use: 'sig' }>
export type Jwks = Readonly<{ keys: readonly PublicJwk[] }>

/**
 * The public half of a ring (RFC 7517): active, next and not yet dead retired keys. Empty for HMAC,
 * whose keys must never be shown: services then verify by introspection. `key_ops` is left out
 * beside `use` (RFC 7517, 4.3).
 */
export const publicJwks = ({ keys }: AccessKeyRing, at: EpochMs): Jwks => ({
  keys: keys
    .filter(({ alg }) => !isSymmetric(alg))
    .filter(({ notAfter }) => notAfter === null || notAfter > at)
    .map(({ kid, alg, key }) => ({ ...publicJwk(key), kid, alg, use: 'sig' })),
})
