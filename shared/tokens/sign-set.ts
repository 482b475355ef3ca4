import jwt from 'jsonwebtoken'
import type { EpochSeconds } from '../kernel/ids.ts'
import type { SetKeyRing } from './keys.ts'

/** RFC 8417, 2.3, and Back-Channel Logout 1.0, 2.4: no verifier of ours takes them. */
export const setTyp = 'secevent+jwt'
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
export type SetClaims = Shared & Readonly<{ sub_id: object; txn: string; toe?: EpochSeconds }>
export type LogoutClaims = Shared & Readonly<{ exp: EpochSeconds; sub?: string; sid?: string }>

const sign = ({ active }: SetKeyRing, typ: string, claims: object): string =>
  jwt.sign(claims, active.signer, {
    algorithm: active.alg,
    header: { alg: active.alg, typ, kid: active.kid },
  })

/** Cost: RS256 about 300 µs. */
export const signSet = (ring: SetKeyRing, claims: SetClaims): string => sign(ring, setTyp, claims)

/** As `signSet`. */
export const signLogoutToken = (ring: SetKeyRing, claims: LogoutClaims): string =>
  sign(ring, logoutTyp, claims)
