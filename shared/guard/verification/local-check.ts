import type { EpochMs } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { Verified } from '../../tokens/verification/index.ts'
import { refusalOf, refused, unavailable, type Verdict } from '../api/verdict.ts'
import type { KeySource } from '../keys/index.ts'
import type { RevocationSet } from '../revocation-set/index.ts'
import type { ForeignIssuer } from './foreign-issuer.ts'
import type { VerifiedTokenCache } from './verified-token-cache.ts'

export type LocalCheckParts = Readonly<{
  tokens: VerifiedTokenCache
  keys: KeySource
  foreign: ForeignIssuer | null
  now: () => EpochMs
  revocations: () => RevocationSet
}>

/**
 * Checks a token by what this process knows at this instant: signature, claims, revocations. Call
 * it again after every wait: the token may have expired meanwhile, and once it has, its revocation
 * may be gone from the set. Whether what it knows is fresh, it does not look: it says so.
 */
export class LocalCheck {
  readonly #parts: LocalCheckParts

  constructor(parts: LocalCheckParts) {
    this.#parts = parts
  }

  /** `null` where it takes a wait: for a key that is not here, or a token of another issuer. */
  atOnce(token: string): Verdict | null {
    const { tokens, foreign, now } = this.#parts
    if (foreign?.isTheirs(token)) return null
    const verified = tokens.verify(token, now())
    return !verified.ok && verified.problem === 'unknown_key' ? null : this.#judged(verified)
  }

  /** Never rejects. */
  async check(token: string): Promise<Verdict> {
    return this.atOnce(token) ?? this.#judged(await this.#verifiedAfterWait(token))
  }

  /** `null` while there is no key at all. */
  async #verifiedAfterWait(token: string): Promise<Verified<BearerClaims> | null> {
    const { tokens, keys, foreign, now } = this.#parts
    if (foreign?.isTheirs(token)) return foreign.verify(token, now())
    await keys.refresh()
    return keys.ready() ? tokens.verify(token, now()) : null
  }

  #judged(verified: Verified<BearerClaims> | null): Verdict {
    if (verified === null) return unavailable('not_ready')
    if (!verified.ok) return refused(refusalOf[verified.problem])
    const { claims } = verified
    const isRevoked = this.#parts.revocations().match(claims) !== null
    return isRevoked ? refused('revoked') : { outcome: 'accepted', claims, fresh: true }
  }
}
