import jwt from 'jsonwebtoken'
import type { SigningKeys } from '../key-rings/index.ts'

/** What no verifier of tokens takes, by its `typ`. Cost: ES256 about 40 µs, RS256 300 µs. */
export const signJwt = ({ active }: SigningKeys, typ: string, claims: object): string =>
  jwt.sign(claims, active.signer, {
    algorithm: active.alg,
    header: { alg: active.alg, typ, kid: active.kid },
  })
