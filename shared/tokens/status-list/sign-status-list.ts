import type { EpochSeconds } from '../../kernel/ids.ts'
import type { AccessKeys } from '../key-rings/index.ts'
import { signJwt } from '../signing/index.ts'

/** Token Status List, draft 20, 5.1: no verifier of ours takes it for a token. */
export const statusListTyp = 'statuslist+jwt'

export type StatusListClaims = Readonly<{
  /** The address that tokens name as `uri`. */
  sub: string
  iat: EpochSeconds
  exp: EpochSeconds
  /** Seconds that a copy may be used. */
  ttl: number
  status_list: Readonly<{ bits: 1; lst: string; aggregation_uri: string }>
}>

/** With the keys of access tokens, which whoever reads a list has. */
export const signStatusList = (ring: AccessKeys, claims: StatusListClaims): string =>
  signJwt(ring, statusListTyp, claims)
