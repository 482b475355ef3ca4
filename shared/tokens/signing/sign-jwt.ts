import type { EpochSeconds } from '../../kernel/ids.ts'
import type { SigningKeys } from '../key-rings/index.ts'
import { compactJws } from './compact-jws.ts'

/** What no verifier of tokens takes, by its `typ`. Cost: ES256 about 30 µs, RS256 300 µs. */
export const signJwt = (
  { active }: SigningKeys,
  typ: string,
  claims: Readonly<{ iat: EpochSeconds }>,
): string => compactJws(active, typ, claims)
