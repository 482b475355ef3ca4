import { createHash } from 'node:crypto'
import {
  type ClientId,
  type EpochMs,
  type EpochSeconds,
  msOf,
  type SessionId,
  type SubjectId,
  type TokenId,
} from '../../kernel/ids.ts'
import { type AccessClaims, checkAccessClaims } from '../claims.ts'
import type { KeyLookup } from '../keys/index.ts'
import { chooseKey, parseForeignJwt } from './parse-jwt.ts'
import { hasGoodSignature, timeProblem, type Verified } from './verify-token.ts'

/** Whose tokens are taken beside the gateway's own, and for whom they must be. */
export type ForeignTrust = Readonly<{
  issuer: string
  audience: string | readonly string[]
  leewayMs: number
  /** A token that lives longer is refused: nobody would remember its revocation to its end. */
  lifeMsMax: number
  /** The claim that names the user to services, beside `sub`. `user_id` without it. */
  userIdClaim?: string
}>
export type ForeignVerifyOptions = ForeignTrust & Readonly<{ keys: KeyLookup; now: EpochMs }>

type Payload = Readonly<Record<string, unknown>>

/** The `iss` that a token claims, believed by nobody yet; `null` when it is no such token. */
export const claimedIssuer = (token: string): string | null => {
  const parsed = parseForeignJwt(token)
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

const clientOf = ({ azp, client_id: client }: Payload): ClientId => {
  const given = [client, azp].find(
    (one) => typeof one === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(one),
  )
  return (given ?? 'foreign') as ClientId
}

const isNumericDate = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && Number.isSafeInteger(Math.floor(value))
/** RFC 7519 allows fractions. Nobody gains by them: a beginning is rounded up, all else down. */
const whole = (value: unknown, round: (value: number) => number = Math.floor): unknown =>
  isNumericDate(value) ? round(value) : value

/** Present members alone, so that an absent one stays absent. */
const presentOf = (members: Payload): Payload =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** In Curfew's words: a session of its own, which lasts as long as the token. */
const translated = (token: string, payload: Payload): unknown => {
  const { iss, nbf, roles, scope } = payload
  const id = revocationId(token, String(iss), payload['jti'])
  const [iat, exp, authTime] = [payload['iat'], payload['exp'], payload['auth_time']].map((at) =>
    whole(at),
  )
  return {
    ...payload,
    ...presentOf({
      nbf: whole(nbf, Math.ceil),
      roles: typeof roles === 'string' ? [roles] : roles,
      scope: Array.isArray(scope) ? scope.join(' ') : scope,
    }),
    iat,
    exp,
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

const isUserId = (value: unknown): boolean =>
  typeof value === 'string' ? value !== '' && value.length <= 2048 : Number.isSafeInteger(value)

/**
 * What doors hand on in headers and answers must be what it seems: a list or an object would become
 * some text on the way, and that text may be somebody's name.
 */
const areForServices = (payload: Payload, userIdClaim: string): boolean => {
  const { scope } = payload
  if (Object.hasOwn(payload, userIdClaim) && !isUserId(payload[userIdClaim])) return false
  const words: readonly unknown[] = Array.isArray(scope) ? scope : [scope ?? '']
  return words.every((word) => typeof word === 'string')
}

const accessTypes: readonly unknown[] = ['bearer', 'jwt', 'at+jwt', 'access']
const isAccess = (type: unknown): boolean =>
  type === undefined || (typeof type === 'string' && accessTypes.includes(type.toLowerCase()))

// A Simple-JWT signs refresh tokens with the same key (`token_type`), a Keycloak its ID tokens
// (`typ`); one of those authenticates nobody.
const isOtherKind = ({ token_type: type, typ }: Payload): boolean =>
  (type !== undefined && type !== 'access' && type !== 'Bearer') || !isAccess(typ)

/**
 * Whether `token` is another issuer's access token that lives at `now`. Never throws. Its claims
 * come as they are, but for `jti`, `sid`, `client_id`, `epoch`, `sst` and `auth_time`, which are
 * Curfew's, times, which are whole seconds, and `roles` and `scope`, which are a list and a text;
 * `iat` and `exp` must be there. `unknown_key` says that the key set may be too old.
 */
export const verifyForeign = (
  token: string,
  options: ForeignVerifyOptions,
): Verified<AccessClaims> => {
  const { issuer, audience, keys, now, userIdClaim = 'user_id' } = options
  const malformed = { ok: false, problem: 'malformed' } as const
  const parsed = parseForeignJwt(token)
  if (!parsed.ok || issuer === '' || audience.length === 0) return malformed
  const choice = chooseKey(parsed.header, keys, now)
  if (!choice.ok) return choice
  if (!hasGoodSignature(token, choice.key, audience, { issuer, now })) return malformed
  if (isOtherKind(parsed.payload)) return { ok: false, problem: 'wrong_type' }
  if (!areForServices(parsed.payload, userIdClaim)) return malformed
  const checked = checkAccessClaims(translated(token, parsed.payload))
  if (!checked.ok) return malformed
  const problem = timeProblem(checked.claims, options)
  return problem === null ? checked : { ok: false, problem }
}
