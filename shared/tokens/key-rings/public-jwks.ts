import type { JsonWebKey } from 'node:crypto'
import type { EpochMs } from '../../kernel/ids.ts'
import { type Algorithm, isSymmetric, setPurpose, type VerifyKey } from '../keys/index.ts'
import { publicJwk } from './key-ring.ts'
import type { SecurityEventKeys } from './security-event-keys.ts'

export type PublicJwk = JsonWebKey &
  Readonly<{ kid: string; alg: Algorithm; use: 'sig'; purpose?: typeof setPurpose }>
export type Jwks = Readonly<{ keys: readonly PublicJwk[] }>

/**
 * The public half of a ring (RFC 7517): active, next and not yet dead retired keys. Empty for HMAC,
 * whose keys must never be shown: services then get the secret by file, or introspect. `key_ops` is
 * left out beside `use` (RFC 7517, 4.3).
 */
export const publicJwks = (
  { keys }: Readonly<{ keys: readonly VerifyKey[] }>,
  at: EpochMs,
): Jwks => ({
  keys: keys
    .filter(({ alg }) => !isSymmetric(alg))
    .filter(({ notAfter }) => notAfter === null || notAfter > at)
    .map(({ kid, alg, key }) => ({ ...publicJwk(key), kid, alg, use: 'sig' })),
})

/** All that a gateway shows: what access tokens are checked by, and what receivers check by. */
export const publishedJwks = (
  access: Readonly<{ keys: readonly VerifyKey[] }>,
  sets: SecurityEventKeys,
  at: EpochMs,
): Jwks => {
  const ring = sets.current()
  const marked = ring ? publicJwks(ring, at).keys : []
  return {
    keys: [
      ...publicJwks(access, at).keys,
      ...marked.map((key) => ({ ...key, purpose: setPurpose }) as const),
    ],
  }
}
