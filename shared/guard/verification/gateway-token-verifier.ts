import type { EpochMs } from '../../kernel/ids.ts'
import type { BearerClaims } from '../../tokens/claims.ts'
import type { KeyLookup } from '../../tokens/keys/index.ts'
import { type Verified, verifyBearer } from '../../tokens/verification/index.ts'
import type { Trust } from '../api/trust.ts'

type GatewayTrust = Trust & Readonly<{ leewayMs: number; learned: () => Partial<Trust> }>
type Verify = (token: string, keys: KeyLookup, now: EpochMs) => Verified<BearerClaims>

/** Verifies the gateway's own tokens, by what it said of them where it was asked. */
export const gatewayTokenVerifier =
  ({ issuer, audience, accept, leewayMs, learned }: GatewayTrust): Verify =>
  (token, keys, now) =>
    verifyBearer(token, { issuer, audience, accept, ...learned(), leewayMs, keys, now })
