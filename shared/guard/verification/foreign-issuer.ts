import type { Clock } from '../../kernel/clock.ts'
import type { EpochMs } from '../../kernel/ids.ts'
import type { AccessClaims } from '../../tokens/claims.ts'
import { parseForeignJwks } from '../../tokens/keys/index.ts'
import {
  claimedIssuer,
  type ForeignTrust,
  type Verified,
  verifyForeign,
} from '../../tokens/verification/index.ts'
import type { OnAlarm } from '../api/alarm.ts'
import type { Fetch } from '../http-client/index.ts'
import { type KeySource, remoteKeys } from '../keys/index.ts'

/** Another issuer whose access tokens are good here. They have no session that could be ended. */
export interface ForeignIssuer {
  /** Whether the token says that it is this issuer's; nothing is believed by that. */
  isTheirs(token: string): boolean
  /**
   * Never rejects. While the key set cannot be fetched, every token is of an unknown key: a 401, as
   * Simple-JWT answers. Cost: one signature check; an unknown key id may cost one fetch in 30 s.
   */
  verify(token: string, now: EpochMs): Promise<Verified<AccessClaims>>
  /** Whether there ever was a usable key set. */
  ready(): boolean
}

export const foreignIssuer = (
  trust: ForeignTrust & Readonly<{ keys: KeySource }>,
): ForeignIssuer => ({
  isTheirs: (token) => claimedIssuer(token) === trust.issuer,
  verify: async (token, now) => {
    const verified = verifyForeign(token, { ...trust, now })
    if (verified.ok || verified.problem !== 'unknown_key') return verified
    await trust.keys.refresh()
    return verifyForeign(token, { ...trust, now })
  },
  ready: () => trust.keys.ready(),
})

/** What `CURFEW_JWK_*` say; all of them or none. */
export type ForeignSettings = Readonly<{
  jwkUrl: URL | null
  jwkIssuer: string | null
  jwkAudience: readonly string[] | null
  foreignLifetimeMs: number | null
  leewayMs: number
  userIdClaim?: string
}>
type Parts = Readonly<{ clock: Clock; onAlarm: OnAlarm; fetch?: Fetch }>

/** The issuer that the settings name, or `null`. Begins to fetch its key set. */
export const configuredForeignIssuer = (
  {
    jwkUrl: url,
    jwkIssuer: issuer,
    jwkAudience: audience,
    foreignLifetimeMs,
    leewayMs,
    userIdClaim = 'user_id',
  }: ForeignSettings,
  parts: Parts,
): ForeignIssuer | null => {
  if (url === null || issuer === null || audience === null || foreignLifetimeMs === null)
    return null
  const keys = remoteKeys({ ...parts, url, parse: parseForeignJwks })
  void keys.refresh()
  const bounds = { leewayMs, lifeMsMax: foreignLifetimeMs }
  return foreignIssuer({ issuer, audience, ...bounds, userIdClaim, keys })
}
