import jwt from 'jsonwebtoken'
import { type EpochMs, type EpochSeconds, msOf, secondsOf } from '../../kernel/ids.ts'
import {
  type AccessClaims,
  type BearerClaims,
  type BearerKind,
  type Checked,
  checkAccessClaims,
  checkSlidingClaims,
  type RefreshClaims,
  type SlidingClaims,
} from '../claims.ts'
import type { KeyLookup, VerifyKey } from '../keys/index.ts'
import { accessTyp, chooseKey, type ParsedJwt, parseJwt, slidingTyp } from './parse-jwt.ts'

/** `unknown_key` is a malformed token to the caller; a guard fetches its key set anew first. */
export type TokenProblem = 'malformed' | 'expired' | 'wrong_type' | 'unknown_key'
export type Verified<Claims> =
  | Readonly<{ ok: true; claims: Claims }>
  | Readonly<{ ok: false; problem: TokenProblem }>

export type AccessVerification = Verified<AccessClaims>

export type VerifyOptions = Readonly<{
  keys: KeyLookup
  /** To tell a true token of another kind from a forged one; a guard knows none. */
  other?: OtherTokens
  issuer: string
  now: EpochMs
  /** How long past `exp`, or before its `nbf`, a token is good; at most 60 s. */
  leewayMs: number
  /**
   * A longer life than this makes a token malformed. Default: 3650 days, the longest that settings
   * allow.
   */
  lifeMsMax?: number
}>
type Audience = string | readonly string[]
export type VerifyAccessOptions = VerifyOptions &
  Readonly<{
    /** One name, or several of which the token must carry any. */
    audience: Audience
  }>

export const leewayMsMax = 60_000
// How far ahead the signer's clock may be. Not the leeway: a strict verifier with none must still
// take a token of this second.
export const futureMsMax = 60_000
const settableLifeMsMax = 3650 * 86_400_000

type Parsed = Extract<ParsedJwt, { ok: true }>
type Claims = BearerClaims | RefreshClaims
/** What is peculiar to one kind of token. */
export type Kind<C extends Claims> = Readonly<{
  typ: string
  check: (payload: unknown) => Checked<C>
  /** Instead of `hasGoodSignature`, where one party alone signs and verifies. */
  isSigned?: (token: string, key: VerifyKey) => boolean
}>
const accessKind: Kind<AccessClaims> = {
  typ: accessTyp,
  check: checkAccessClaims,
}
const slidingKind: Kind<SlidingClaims> = {
  typ: slidingTyp,
  check: checkSlidingClaims,
}
/** Kinds of token that share keys. */
export type OtherTokens = Readonly<{ keys: KeyLookup; kinds: readonly Kind<Claims>[] }>

export const bearerTokens = (keys: KeyLookup): OtherTokens => ({
  keys,
  kinds: [accessKind, slidingKind],
})

const bearerKindOf: Readonly<Record<BearerKind, Kind<BearerClaims>>> = {
  access: accessKind,
  sliding: slidingKind,
}

const failed = (problem: TokenProblem): Readonly<{ ok: false; problem: TokenProblem }> => ({
  ok: false,
  problem,
})

// The library's types want a list that can be changed, and at least one name.
const anyOf = (audience: Audience): string | [string, ...string[]] =>
  typeof audience === 'string' ? audience : [audience[0] ?? '', ...audience.slice(1)]

/**
 * Whether a token with these claims lives at `now`, from its `nbf` to its `exp`, each with the
 * leeway. An `iat` ahead of the clock is another matter: whose clock is right nobody knows.
 */
export const timeProblem = (
  { iat, exp, nbf }: Readonly<{ iat: EpochSeconds; exp: EpochSeconds; nbf?: unknown }>,
  { now, leewayMs, lifeMsMax }: Readonly<{ now: EpochMs; leewayMs: number; lifeMsMax: number }>,
): 'malformed' | 'expired' | null => {
  const [issued, expires, leeway] = [msOf(iat), msOf(exp), Math.min(leewayMs, leewayMsMax)]
  if (issued > now + futureMsMax || expires - issued > lifeMsMax) return 'malformed'
  if (typeof nbf === 'number' && msOf(nbf as EpochSeconds) > now + leeway) return 'malformed'
  return now >= expires + leeway ? 'expired' : null
}

// Any exception counts, TypeErrors and RangeErrors too: a bad token is never this process's
// failure.
export const hasGoodSignature = (
  token: string,
  { key, alg }: VerifyKey,
  audience: Audience | null,
  { issuer, now }: Pick<VerifyOptions, 'issuer' | 'now'>,
): boolean => {
  const options: jwt.VerifyOptions = Object.freeze({
    algorithms: [alg],
    issuer,
    clockTimestamp: secondsOf(now),
    ignoreNotBefore: true, // Both are judged to the millisecond, elsewhere.
    ignoreExpiration: true,
    ...(audience === null ? {} : { audience: anyOf(audience) }),
  })
  try {
    jwt.verify(token, key, options)
    return true
  } catch {
    return false
  }
}

const isFrom = <C extends Claims>(
  token: string,
  claims: C,
  key: VerifyKey,
  { kind, audience }: Readonly<{ kind: Kind<C>; audience: Audience | null }>,
  options: VerifyOptions,
): boolean =>
  kind.isSigned
    ? claims.iss === options.issuer && kind.isSigned(token, key)
    : hasGoodSignature(token, key, audience, options)

// The order of answers is Simple-JWT's: form and signature, then time, then (in the callers) kind.
const examine = <C extends Claims>(
  token: string,
  { header, payload }: Parsed,
  keys: KeyLookup,
  purpose: Readonly<{ kind: Kind<C>; audience: Audience | null }>,
  options: VerifyOptions,
): Verified<C> => {
  const { kind, audience } = purpose
  // An empty or absent issuer would make the library skip the check.
  if (!options.issuer || audience?.length === 0) return failed('malformed')
  const choice = chooseKey(header, keys, options.now)
  if (!choice.ok) return failed(choice.problem)
  const checked = kind.check(payload)
  if (!checked.ok) return failed('malformed')
  if (!isFrom(token, checked.claims, choice.key, purpose, options)) return failed('malformed')
  const { now, leewayMs, lifeMsMax = settableLifeMsMax } = options
  const problem = timeProblem(checked.claims, { now, leewayMs, lifeMsMax })
  return problem === null ? checked : failed(problem)
}

// A true token of another kind is `wrong_type`; a forged one is as malformed as any. Without that
// kind's keys its `typ` is believed: both answers are refusals.
const judgeOther = (
  token: string,
  parsed: Parsed,
  others: readonly (OtherTokens | undefined)[],
  { lifeMsMax: _, ...options }: VerifyOptions,
): Readonly<{ ok: false; problem: TokenProblem }> => {
  for (const { keys, kinds } of others.flatMap((known) => known ?? [])) {
    const kind = kinds.find(({ typ }) => typ === parsed.header.typ)
    if (!kind) continue
    const asItself = examine(token, parsed, keys, { kind, audience: null }, options)
    const isForged = !asItself.ok && asItself.problem === 'unknown_key'
    return asItself.ok ? failed('wrong_type') : failed(isForged ? 'malformed' : asItself.problem)
  }
  return failed('wrong_type')
}

/** As a token of one of the accepted kinds. */
export const verifyAs = <C extends Claims>(
  token: unknown,
  accepted: readonly Kind<C>[],
  audience: Audience | null,
  options: VerifyOptions,
): Verified<C> => {
  const parsed = parseJwt(token)
  if (!parsed.ok || typeof token !== 'string') return failed('malformed')
  const kind = accepted.find(({ typ }) => typ === parsed.header.typ)
  if (kind) return examine(token, parsed, options.keys, { kind, audience }, options)
  // Services know the keys of all kinds but refresh tokens, which have keys of their own.
  const siblings = audience === null ? [] : [bearerTokens(options.keys)]
  return judgeOther(token, parsed, [...siblings, options.other], options)
}

/**
 * Whether `token` is an access token of `issuer` for `audience` that lives at `now`. Never throws.
 * Says nothing of revocation. Cost: one signature check (ES256 about 85 µs, RS256 35 µs), no
 * network.
 */
export const verifyAccess = (token: unknown, options: VerifyAccessOptions): AccessVerification =>
  verifyAs(token, [accessKind], options.audience, options)

/** As `verifyAccess`, for sliding tokens. Says nothing of `refresh_exp`. */
export const verifySliding = (
  token: unknown,
  options: VerifyAccessOptions,
): Verified<SlidingClaims> => verifyAs(token, [slidingKind], options.audience, options)

/** As `verifyAccess`, for each kind that `accept` names. */
export const verifyBearer = (
  token: unknown,
  options: VerifyAccessOptions & Readonly<{ accept: readonly BearerKind[] }>,
): Verified<BearerClaims> =>
  verifyAs(
    token,
    options.accept.map((name) => bearerKindOf[name]),
    options.audience,
    options,
  )
