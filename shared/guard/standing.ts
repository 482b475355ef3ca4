import type { EpochMs } from '../kernel/ids.ts'
import type { BearerClaims } from '../tokens/claims.ts'
import type { Verified } from '../tokens/verify.ts'
import type { ForeignIssuer } from './foreign-issuer.ts'
import type { KeySource } from './key-source.ts'
import type { RevocationSet } from './revocation-set.ts'
import { refusalOf, refused, unavailable, type Verdict } from './verdict.ts'
import type { VerifiedTokens } from './verified-tokens.ts'

/** What is known of a token in this process, be it fresh or not. */
export type Standing =
  | Readonly<{ good: true; claims: BearerClaims }>
  | Readonly<{ good: false; verdict: Verdict }>

export type StandingParts = Readonly<{
  tokens: VerifiedTokens
  keys: KeySource
  foreign: ForeignIssuer | null
  now: () => EpochMs
  revocations: () => RevocationSet
}>

/** `null` while there is no key at all. */
const verified = async (
  { tokens, keys, foreign, now }: StandingParts,
  token: string,
): Promise<Verified<BearerClaims> | null> => {
  if (foreign?.isTheirs(token)) return foreign.verify(token, now())
  const first = tokens.verify(token, now())
  if (first.ok || first.problem !== 'unknown_key') return first
  await keys.refresh()
  return keys.ready() ? tokens.verify(token, now()) : null
}

/**
 * Judges a token by what is known here at this instant. To be asked again after every wait: what
 * ended meanwhile has expired, and its revocation may be forgotten. Never rejects.
 */
export const localStanding =
  (parts: StandingParts) =>
  async (token: string): Promise<Standing> => {
    const known = await verified(parts, token)
    if (known === null) return { good: false, verdict: unavailable('not_ready') }
    if (!known.ok) return { good: false, verdict: refused(refusalOf[known.problem]) }
    const { claims } = known
    const isRevoked = parts.revocations().hit(claims) !== null
    return isRevoked ? { good: false, verdict: refused('revoked') } : { good: true, claims }
  }
