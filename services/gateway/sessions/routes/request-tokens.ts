import type { Context } from 'koa'
import type { AuthErrorCode } from '../../../../shared/kernel/errors.ts'
import { type EpochMs, msOf } from '../../../../shared/kernel/ids.ts'
import {
  type BearerClaims,
  bearerKinds,
  type RefreshClaims,
} from '../../../../shared/tokens/claims.ts'
import { codeOfProblem, tokenInContext } from '../../http/index.ts'
import { claimedSession, claimsBeforeExpiry, type TokenIssuer } from '../../tokens/index.ts'
import type { BrowserTokens, LogoutRequest, SessionRouteDeps } from '../index.ts'

export type RequestTokens = Omit<LogoutRequest, 'origin' | 'arrival'> &
  Readonly<{
    /** Whether there is a header or cookie for access tokens, good or not. */
    hasBearer: boolean
    /** What is wrong with the first refresh cookie; `null` when it is good or absent. */
    refreshProblem: AuthErrorCode | null
    /** Whether a cookie came with different values. */
    isDuplicated: boolean
  }>

type Read<C> = Readonly<{ good: C | null; expired: C | null; problem: AuthErrorCode | null }>

const readBearer = (tokens: TokenIssuer, token: string, now: EpochMs): Read<BearerClaims> => {
  const verified = tokens.verifyBearer(token, now, bearerKinds)
  if (verified.ok) return { good: verified.claims, expired: null, problem: null }
  const problem = codeOfProblem[verified.problem]
  if (verified.problem !== 'expired') return { good: null, expired: null, problem }
  const claims = claimsBeforeExpiry(token, (at) => tokens.verifyBearer(token, at, bearerKinds))
  // It does not authenticate any more, and it may still be renewed, so its session may live.
  const isRenewable = claims?.token_type === 'sliding' && now < msOf(claims.refresh_exp)
  return isRenewable
    ? { good: claims, expired: null, problem }
    : { good: null, expired: claims, problem }
}

const readRefresh = (tokens: TokenIssuer, token: string, now: EpochMs): Read<RefreshClaims> => {
  const verified = tokens.verifyRefresh(token, now)
  if (verified.ok) return { good: verified.claims, expired: null, problem: null }
  const problem = codeOfProblem[verified.problem]
  if (verified.problem !== 'expired') return { good: null, expired: null, problem }
  const expired = claimsBeforeExpiry(token, (at) => tokens.verifyRefresh(token, at))
  return { good: null, expired, problem }
}

const goodOf = <C>(read: readonly Read<C>[]): readonly C[] => read.flatMap(({ good }) => good ?? [])

/** The good tokens in cookies. The token of a header is not the browser’s, and is not read. */
export const tokensInCookies = (
  { http: { cookies }, tokens: { issuer } }: SessionRouteDeps,
  ctx: Context,
  now: EpochMs,
): BrowserTokens => {
  const { access, refresh } = cookies.fromRequest(ctx)
  return {
    bearers: goodOf(access.map((token) => readBearer(issuer, token, now))),
    refresh: goodOf(refresh.map((token) => readRefresh(issuer, token, now))),
  }
}

const readAll = (
  issuer: TokenIssuer,
  tokens: readonly string[],
  now: EpochMs,
): Pick<LogoutRequest, 'bearers' | 'expired'> => {
  const read = tokens.map((token) => readBearer(issuer, token, now))
  return { bearers: goodOf(read), expired: read.flatMap(({ expired }) => expired ?? []) }
}

/**
 * All tokens of a request: in the header, and in every access and refresh cookie. An access token
 * that claims the session of a good refresh token is left unread: its signature, the dearest step
 * of a logout, decides something only where that refresh token does not.
 */
export const tokensInRequest = (
  deps: SessionRouteDeps,
  ctx: Context,
  now: EpochMs,
): RequestTokens => {
  const { cookies } = deps.http
  const { issuer } = deps.tokens
  const { access, refresh } = cookies.fromRequest(ctx)
  const bearer = tokenInContext(deps.http, ctx)
  const accessTokens = [...new Set(bearer.kind === 'token' ? [bearer.token, ...access] : access)]
  const refreshes = refresh.map((token) => readRefresh(issuer, token, now))
  const good = goodOf(refreshes)
  const isBesideRefresh = (token: string): boolean => {
    const claimed = good.length === 0 ? null : claimedSession(token)
    return good.some(({ sid }) => sid === claimed)
  }
  const beside = accessTokens.filter(isBesideRefresh)
  const others = accessTokens.filter((token) => !beside.includes(token))
  const { bearers, expired } = readAll(issuer, others, now)
  return {
    bearers,
    refresh: good,
    expired: [...expired, ...refreshes.flatMap((read) => read.expired ?? [])],
    readBesideRefresh: () => readAll(issuer, beside, now),
    hasBearer: bearer.kind !== 'none',
    refreshProblem: refreshes[0]?.problem ?? null,
    isDuplicated: access.length > 1 || refresh.length > 1,
  }
}
