import type { EpochMs } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { Verified } from '../../tokens/verification/index.ts'
import { refusalOf, refused, unavailable, type Verdict } from '../api/verdict.ts'
import type { KeySource } from '../keys/index.ts'
import type { RevocationSet } from '../revocation-set/index.ts'
import type { ForeignIssuer } from './foreign-issuer.ts'
import type { VerifiedTokenCache } from './verified-token-cache.ts'

/** What this process knows of a token, whether its knowledge is fresh or not. */
export type LocalVerdict =
  | Readonly<{ valid: true; claims: BearerClaims }>
  | Readonly<{ valid: false; verdict: Verdict }>

export type LocalCheckParts = Readonly<{
  tokens: VerifiedTokenCache
  keys: KeySource
  foreign: ForeignIssuer | null
  now: () => EpochMs
  revocations: () => RevocationSet
}>

/** `null` while there is no key at all. */
const verified = async (
  { tokens, keys, foreign, now }: LocalCheckParts,
  token: string,
): Promise<Verified<BearerClaims> | null> => {
  if (foreign?.isTheirs(token)) return foreign.verify(token, now())
  const first = tokens.verify(token, now())
  if (first.ok || first.problem !== 'unknown_key') return first
  await keys.refresh()
  return keys.ready() ? tokens.verify(token, now()) : null
}

/**
 * Checks a token by what this process knows at this instant: signature, claims, revocations. Call
 * it again after every wait: the token may have expired meanwhile, and once it has, its revocation
 * may be gone from the set. Never rejects.
 */
export const localCheck =
  (parts: LocalCheckParts) =>
  async (token: string): Promise<LocalVerdict> => {
    const known = await verified(parts, token)
    if (known === null) return { valid: false, verdict: unavailable('not_ready') }
    if (!known.ok) return { valid: false, verdict: refused(refusalOf[known.problem]) }
    const { claims } = known
    const isRevoked = parts.revocations().match(claims) !== null
    return isRevoked ? { valid: false, verdict: refused('revoked') } : { valid: true, claims }
  }
