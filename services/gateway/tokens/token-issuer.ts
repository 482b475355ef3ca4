import type { PairSession, SessionState, SlidingSession } from '../../../shared/events/commit.ts'
import type { ForeignIssuer } from '../../../shared/guard/index.ts'
import { type EpochMs, msOf, type SubjectId, secondsOf } from '../../../shared/kernel/ids.ts'
import {
  type AccessClaims,
  type BearerClaims,
  type BearerKind,
  customClaimsOf,
  type RefreshClaims,
  type SlidingClaims,
} from '../../../shared/tokens/claims.ts'
import type { AccessKeys, RefreshKeyRing } from '../../../shared/tokens/key-rings/index.ts'
import { signAccess, signRefresh, signSliding } from '../../../shared/tokens/signing/index.ts'
import {
  bearerTokens,
  refreshTokens,
  type Verified,
  verifyBearer,
  verifyRefresh,
  verifySliding,
} from '../../../shared/tokens/verification/index.ts'
import { acceptedClaims, isStatusClaim } from '../status-list/index.ts'
import { isTakenClaim, type TokenNaming } from './claim-names.ts'
import type { CustomClaims } from './claims-hook.ts'
import { openClaims } from './sealed-claims.ts'

export type SignedToken = Readonly<{ token: string; expiresAt: EpochMs }>
export type TokenPair = Readonly<{ access: SignedToken; refresh: SignedToken }>

/**
 * What a login adds to its tokens. It is carried from token to token, by the refresh or sliding
 * token, and is never in the store.
 */
export type LoginClaims = Readonly<{
  userId: string
  roles: readonly string[]
  custom: CustomClaims
}>

type IssuerOptions = Readonly<{
  access: AccessKeys
  refresh: RefreshKeyRing
  issuer: string
  audience: string | readonly string[]
  leewayMs: number
  names: TokenNaming
  /** The URL of the status lists, without the name of a list. */
  lists: string
  /** The kinds of token that authenticate a request. */
  accept: readonly BearerKind[]
  /**
   * The value of `revokeTokenClaim`: a text that changes with every cutoff of the subject, and no
   * hash of a password. `null` = tokens have no such claim.
   */
  passwordMarkOf: ((sub: SubjectId, cutoff: number) => string) | null
  /** Another issuer whose access tokens some doors accept. */
  foreign?: ForeignIssuer | null
}>

type Claims = Readonly<Record<string, unknown>>

/**
 * Signs and verifies Curfew's tokens. A pair follows from the session's state alone, so a replay
 * has the same jti, iat and exp.
 */
export class TokenIssuer {
  readonly #options: IssuerOptions

  constructor(options: IssuerOptions) {
    this.#options = options
  }

  /** The first pair of a session. */
  pair(session: PairSession, loginClaims: LoginClaims): TokenPair {
    return this.#signPair(session, this.#claimsOf(loginClaims))
  }

  /**
   * The pair that succeeds a refresh token. It follows from the commit and that token alone, so
   * every request with that token gets the same pair. Its custom claims are those sealed in the
   * commit; without these, a copy of those in the refresh token.
   */
  successor(session: PairSession, replaced: RefreshClaims, token: string): TokenPair {
    const { sealed, sid, access } = session
    const custom = sealed
      ? openClaims(sealed, token, { sid, jti: access.jti })
      : this.customClaimsIn(replaced)
    return this.#signPair(session, this.#copiedClaims(replaced, custom))
  }

  /** The first token of a sliding session. */
  sliding(session: SlidingSession, loginClaims: LoginClaims): SignedToken {
    return this.#signSliding(session, this.#claimsOf(loginClaims))
  }

  /** The same token with a later `exp`. Its custom claims are copied, unless `custom` is given. */
  renewed(
    session: SlidingSession,
    replaced: SlidingClaims,
    custom: CustomClaims = this.customClaimsIn(replaced),
  ): SignedToken {
    return this.#signSliding(session, this.#copiedClaims(replaced, custom))
  }

  /** Whether a token lacks the password mark that the settings require: it is from before. */
  lacksPasswordMark(claims: BearerClaims): boolean {
    const { passwordMarkOf, names } = this.#options
    return passwordMarkOf !== null && typeof claims[names.revokeTokenClaim] !== 'string'
  }

  get hasPasswordMarks(): boolean {
    return this.#options.passwordMarkOf !== null
  }

  /** The custom claims in a token. */
  customClaimsIn(claims: RefreshClaims | SlidingClaims): CustomClaims {
    const { names } = this.#options
    const own = Object.entries(customClaimsOf(claims))
    return Object.fromEntries(
      own.filter(([name, value]) => !isTakenClaim(name, names) && !isStatusClaim(name, value)),
    )
  }

  /** Verifies a token of a kind in `accept`; by default the kinds of the settings. */
  verifyBearer(
    token: string,
    now: EpochMs,
    accept: readonly BearerKind[] = this.accepted,
  ): Verified<BearerClaims> {
    const { access, refresh, issuer, audience, leewayMs } = this.#options
    const keys = { keys: access, other: refreshTokens(refresh) }
    return verifyBearer(token, { ...keys, issuer, audience, now, leewayMs, accept })
  }

  verifyRefresh(token: string, now: EpochMs): Verified<RefreshClaims> {
    const { access, refresh, issuer, leewayMs } = this.#options
    const keys = { keys: refresh, other: bearerTokens(access) }
    return verifyRefresh(token, { ...keys, issuer, now, leewayMs })
  }

  verifySliding(token: string, now: EpochMs): Verified<SlidingClaims> {
    const { access, refresh, issuer, audience, leewayMs } = this.#options
    const keys = { keys: access, other: refreshTokens(refresh) }
    return verifySliding(token, { ...keys, issuer, audience, now, leewayMs })
  }

  /** Whether a sliding token may still be renewed; `refresh_exp` has the same leeway as `exp`. */
  isRenewable({ refresh_exp: end }: SlidingClaims, now: EpochMs): boolean {
    return now < msOf(end) + this.#options.leewayMs
  }

  get foreign(): ForeignIssuer | null {
    return this.#options.foreign ?? null
  }

  /** Whether a verified token is Curfew's own, and not of the other issuer. */
  isOwn({ iss }: Pick<BearerClaims, 'iss'>): boolean {
    return iss === this.#options.issuer
  }

  get accepted(): readonly BearerKind[] {
    return this.#options.accept
  }

  #claimsOf({ userId, roles, custom }: LoginClaims): Claims {
    return this.#withUserId(userId, { ...custom, roles })
  }

  #copiedClaims(replaced: RefreshClaims | SlidingClaims, custom: CustomClaims): Claims {
    const { userIdClaim } = this.#options.names
    return this.#withUserId(replaced[userIdClaim], { ...custom, roles: replaced.roles ?? [] })
  }

  #withUserId(userId: unknown, claims: Claims): Claims {
    const { userIdClaim } = this.#options.names
    return userIdClaim === 'sub' ? claims : { ...claims, [userIdClaim]: userId }
  }

  #signPair(session: PairSession, loginClaims: Claims): TokenPair {
    const { access, current } = session
    const shared = this.#sharedClaims(session, loginClaims)
    const accessClaims = this.#withOtherNames<AccessClaims>({
      ...shared,
      aud: this.#options.audience,
      ...acceptedClaims(access, this.#options.lists),
      token_type: 'access',
    })
    const refreshClaims = this.#withOtherNames<RefreshClaims>({
      ...shared,
      ver: current.version,
      ...current.token,
      token_type: 'refresh',
    })
    return {
      access: {
        token: signAccess(this.#options.access, accessClaims),
        expiresAt: msOf(access.exp),
      },
      refresh: {
        token: signRefresh(this.#options.refresh, refreshClaims),
        expiresAt: msOf(current.token.exp),
      },
    }
  }

  #signSliding(session: SlidingSession, loginClaims: Claims): SignedToken {
    const { token, refreshExp } = session.sliding
    const claims = this.#withOtherNames<SlidingClaims>({
      ...this.#sharedClaims(session, loginClaims),
      aud: this.#options.audience,
      ...acceptedClaims(token, this.#options.lists),
      token_type: 'sliding',
      refresh_exp: refreshExp,
    })
    return { token: signSliding(this.#options.access, claims), expiresAt: msOf(token.exp) }
  }

  #sharedClaims(session: SessionState, loginClaims: Claims) {
    const { passwordMarkOf, names, issuer } = this.#options
    const mark = passwordMarkOf && {
      [names.revokeTokenClaim]: passwordMarkOf(session.sub, session.epoch.sub),
    }
    return {
      ...loginClaims,
      ...mark,
      iss: issuer,
      sub: session.sub,
      client_id: session.client,
      sid: session.sid,
      auth_time: secondsOf(session.authenticatedAt ?? session.startedAt),
      sst: session.startedAt,
      epoch: session.epoch,
    }
  }

  /** Adds three claims a second time under the names that the settings give them. */
  #withOtherNames<C extends BearerClaims | RefreshClaims>(claims: C): C {
    const { tokenTypeClaim, jtiClaim, refreshExpClaim } = this.#options.names
    const end = claims['refresh_exp']
    return {
      ...(end === undefined ? {} : { [refreshExpClaim]: end }),
      [tokenTypeClaim]: claims.token_type,
      [jtiClaim]: claims.jti,
      ...claims,
    }
  }
}
