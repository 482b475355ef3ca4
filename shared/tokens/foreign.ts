import { createHash } from 'node:crypto'
import {
  type ClientId,
  type EpochMs,
  type EpochSeconds,
  msOf,
  type SessionId,
  type SubjectId,
  type TokenId,
} from '../kernel/ids.ts'
import { type AccessClaims, checkAccessClaims } from './claims.ts'
import type { KeyLookup } from './key-lookup.ts'
import { keyFor, preParseForeign } from './pre-parse.ts'
import { futureMsMax, hasGoodSignature, leewayMsMax, type Verified } from './verify.ts'

/** Whose tokens are taken beside the gateway's own, and for whom they must be. */
export type ForeignTrust = Readonly<{
  issuer: string
  audience: string | readonly string[]
  leewayMs: number
  /** A token that lives longer is refused: nobody would remember its revocation to its end. */
  lifeMsMax: number
}>
export type ForeignVerifyOptions = ForeignTrust & Readonly<{ keys: KeyLookup; now: EpochMs }>

/** The `iss` that a token claims, believed by nobody yet; `null` when it is no such token. */
export const claimedIssuer = (token: string): string | null => {
  const parsed = preParseForeign(token)
  const issuer = parsed.ok ? parsed.payload['iss'] : null
  return typeof issuer === 'string' ? issuer : null
}

/**
 * The id under which a foreign token is revoked here: a hash, so that no issuer can name a token of
 * another or of ours. Without a `jti` the payload stands for it; the signature may not, since ECDSA
 * has two for one payload.
 */
const revocationId = (token: string, issuer: string, jti: unknown): TokenId => {
  const named = typeof jti === 'string' && jti !== ''
  const text = named ? jti : (token.split('.')[1] ?? '')
  const whole = JSON.stringify(['foreign', issuer, named ? 'jti' : 'payload', text])
  return createHash('sha256').update(whole).digest('hex').slice(0, 32) as TokenId
}

// Cutoffs end sessions that began before them, and a foreign token has none here.
const aboveEveryCutoff = Number.MAX_SAFE_INTEGER
const epoch = { sub: aboveEveryCutoff, client: aboveEveryCutoff, all: aboveEveryCutoff }

const clientOf = ({ azp, client_id: client }: Readonly<Record<string, unknown>>): ClientId => {
  const given = [client, azp].find(
    (one) => typeof one === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(one),
  )
  return (given ?? 'foreign') as ClientId
}

/** In Curfew's words: a session of its own, which lasts as long as the token. */
const translated = (token: string, payload: Readonly<Record<string, unknown>>): unknown => {
  const { iss, iat, auth_time: authTime } = payload
  const id = revocationId(token, String(iss), payload['jti'])
  return {
    ...payload,
    sub: payload['sub'] as SubjectId,
    jti: id,
    sid: id as string as SessionId,
    client_id: clientOf(payload),
    auth_time: (Number.isSafeInteger(authTime) ? authTime : iat) as EpochSeconds,
    sst: msOf(iat as EpochSeconds),
    epoch,
    token_type: 'access',
  }
}

// A Simple-JWT signs refresh tokens with the same key; one of those authenticates nobody.
const isOtherKind = ({ token_type: type }: Readonly<Record<string, unknown>>): boolean =>
  type !== undefined && type !== 'access' && type !== 'Bearer'

/**
 * Whether `token` is another issuer's access token that lives at `now`. Never throws. Its claims
 * come as they are, but for `jti`, `sid`, `client_id`, `epoch`, `sst` and `auth_time`, which are
 * Curfew's; `iat` and `exp` must be there. `unknown_key` says that the key set may be too old.
 */
export const verifyForeign = (
  token: string,
  options: ForeignVerifyOptions,
): Verified<AccessClaims> => {
  const { issuer, audience, keys, now, leewayMs, lifeMsMax } = options
  const malformed = { ok: false, problem: 'malformed' } as const
  const parsed = preParseForeign(token)
  if (!parsed.ok || issuer === '' || audience.length === 0) return malformed
  const choice = keyFor(parsed.header, keys, now)
  if (!choice.ok) return choice
  if (!hasGoodSignature(token, choice.key, audience, { issuer, now })) return malformed
  if (isOtherKind(parsed.payload)) return { ok: false, problem: 'wrong_type' }
  const checked = checkAccessClaims(translated(token, parsed.payload))
  if (!checked.ok) return malformed
  const issued = msOf(checked.claims.iat)
  const expires = msOf(checked.claims.exp)
  if (issued > now + futureMsMax || expires - issued > lifeMsMax) return malformed
  const expired = now >= expires + Math.min(leewayMs, leewayMsMax)
  return expired ? { ok: false, problem: 'expired' } : checked
}
