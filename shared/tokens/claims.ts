import {
  type ClientId,
  type EpochMs,
  type EpochSeconds,
  isTokenId,
  type SessionId,
  type SubjectId,
  type TokenId,
} from '../kernel/ids.ts'
import { isPlainObject } from '../kernel/strict-json.ts'

/**
 * The `Epoch` of `shared/events/commit.ts`, said again: that file leads to the schema library,
 * which a guard must not even name.
 */
type Epoch = Readonly<{ sub: number; client: number; all: number }>

/** What all kinds of token say. Seconds are NumericDates (RFC 7519); `sst` is in milliseconds. */
type SharedClaims = Readonly<{
  iss: string
  sub: SubjectId
  client_id: ClientId
  sid: SessionId
  jti: TokenId
  iat: EpochSeconds
  exp: EpochSeconds
  /** When the password was last checked. */
  auth_time: EpochSeconds
  /** When the session began; for people, no decision rests on it. */
  sst: EpochMs
  /** The cutoffs the session was born under; a greater cutoff kills it. */
  epoch: Epoch
  roles?: readonly string[]
  /** The configured user-id claim and a team's own claims. */
  [name: string]: unknown
}>

/** Whom a token is meant for: one name, or a list where several were configured. */
type Audience = string | readonly string[]

/** RFC 9068 and what a guard needs to judge the session. */
export type AccessClaims = SharedClaims & Readonly<{ aud: Audience; token_type: 'access' }>

/**
 * Simple-JWT's third kind: used until `exp`, renewed until `refresh_exp`, under the same `jti`
 * through all its life.
 */
export type SlidingClaims = SharedClaims &
  Readonly<{ aud: Audience; token_type: 'sliding'; refresh_exp: EpochSeconds }>

/** What authenticates a request. */
export type BearerClaims = AccessClaims | SlidingClaims
export const bearerKinds = ['access', 'sliding'] as const
export type BearerKind = (typeof bearerKinds)[number]

/** Only the gateway reads these. `ver` is the version of the commit that issued the token. */
export type RefreshClaims = SharedClaims & Readonly<{ ver: number; token_type: 'refresh' }>

export type Checked<Claims> =
  | Readonly<{ ok: true; claims: Claims }>
  /** The name of the first member at fault. */
  | Readonly<{ ok: false; member: string }>

type Rule = (value: unknown, claims: Readonly<Record<string, unknown>>) => boolean

const isText: Rule = (value) => typeof value === 'string' && value !== '' && value.length <= 2048
const matches =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === 'string' && pattern.test(value)
// 1e400 parses to Infinity, a token that never expires; "9999999999" and 1.5 are refused with it.
const isInstant: Rule = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isVersion: Rule = isInstant
const isCutoff = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= -1
const isEpoch: Rule = (value) =>
  isPlainObject(value) &&
  isCutoff(value['sub']) &&
  isCutoff(value['client']) &&
  isCutoff(value['all'])
const areRoles: Rule = (value) =>
  Array.isArray(value) && value.every((role) => typeof role === 'string')
const orAbsent =
  (rule: Rule): Rule =>
  (value, claims) =>
    value === undefined || rule(value, claims)

const shared: Readonly<Record<string, Rule>> = {
  iss: isText,
  // The patterns of kernel/ids.ts, without its exceptions: a bad token is a value here.
  sub: matches(/^[\x21-\x7e]{1,255}$/),
  client_id: matches(/^[A-Za-z0-9._-]{1,64}$/),
  sid: isTokenId,
  jti: isTokenId,
  iat: isInstant,
  exp: (value, { iat }) => isInstant(value, {}) && (value as number) > (iat as number),
  auth_time: isInstant,
  sst: isInstant,
  epoch: isEpoch,
  roles: orAbsent(areRoles),
  nbf: orAbsent(isInstant),
}
const isAudience: Rule = (value, claims) =>
  isText(value, claims) ||
  (Array.isArray(value) && value.length > 0 && value.every((one) => isText(one, claims)))
const accessRules = {
  ...shared,
  aud: isAudience,
  token_type: (value: unknown) => value === 'access',
}
const slidingRules = {
  ...shared,
  aud: isAudience,
  token_type: (value: unknown) => value === 'sliding',
  refresh_exp: isInstant,
}
const refreshRules = {
  ...shared,
  ver: isVersion,
  token_type: (value: unknown) => value === 'refresh',
}

const check = <Claims>(rules: Readonly<Record<string, Rule>>, value: unknown): Checked<Claims> => {
  if (!isPlainObject(value)) return { ok: false, member: '(payload)' }
  for (const [member, rule] of Object.entries(rules)) {
    const given = Object.hasOwn(value, member) ? value[member] : undefined
    if (!rule(given, value)) return { ok: false, member }
  }
  return { ok: true, claims: value as Claims }
}

/**
 * Whether `value` is the payload of an access token. Says nothing of who signed it, or when it
 * expires.
 */
export const checkAccessClaims = (value: unknown): Checked<AccessClaims> =>
  check(accessRules, value)
export const checkSlidingClaims = (value: unknown): Checked<SlidingClaims> =>
  check(slidingRules, value)
export const checkRefreshClaims = (value: unknown): Checked<RefreshClaims> =>
  check(refreshRules, value)

const reserved: ReadonlySet<string> = new Set([
  ...Object.keys(accessRules),
  ...Object.keys(refreshRules),
  ...Object.keys(slidingRules),
])
/** Names that Curfew gives a meaning: a team's own claims must have others. */
export const isReservedClaim = (name: string): boolean => reserved.has(name)

/**
 * What a token inherits from the one it came from, as Simple-JWT copies it: all that is not
 * reserved.
 */
export const customClaimsOf = (
  claims: BearerClaims | RefreshClaims,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !isReservedClaim(name)))
