import type { EpochSeconds } from '../../kernel/ids.ts'
import type { SetKeyRing } from '../key-rings/index.ts'
import { signJwt } from './compact-jws.ts'

/** RFC 8417, 2.3, and Back-Channel Logout 1.0, 2.4: no verifier of ours takes them. */
export const securityEventTyp = 'secevent+jwt'
export const logoutTyp = 'logout+jwt'

type Shared = Readonly<{
  iss: string
  aud: string
  iat: EpochSeconds
  jti: string
  /** One event by its URI. */
  events: Readonly<Record<string, object>>
}>
/** SSF 1.0, 4.1: `sub` and `exp` must not be there. */
export type SecurityEventClaims = Shared &
  Readonly<{ sub_id: object; txn: string; toe?: EpochSeconds }>
export type LogoutClaims = Shared & Readonly<{ exp: EpochSeconds; sub?: string; sid?: string }>

export const signSecurityEvent = (ring: SetKeyRing, claims: SecurityEventClaims): string =>
  signJwt(ring, securityEventTyp, claims)

export const signLogoutToken = (ring: SetKeyRing, claims: LogoutClaims): string =>
  signJwt(ring, logoutTyp, claims)
