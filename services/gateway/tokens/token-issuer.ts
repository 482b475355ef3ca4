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
  type Verified,
  verifyBearer,
  verifyRefresh,
  verifySliding,
} from '../../../shared/tokens/verification/index.ts'
import { acceptedClaims, isStatusClaim } from '../status-list/index.ts'
import { isTakenClaim, type Naming } from './claim-names.ts'
import type { CustomClaims } from './claims-hook.ts'
import { openClaims } from './sealed-claims.ts'

export type SignedToken = Readonly<{ token: string; expiresAt: EpochMs }>
export type TokenPair = Readonly<{ access: SignedToken; refresh: SignedToken }>

/**
 * What a login adds to its tokens; it travels in the refresh or sliding token and never lies in the
 * store.
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
  names: Naming
  /** The address before the name of a status list. */
  lists: string
  /** Which kinds authenticate a request. */
  accept: readonly BearerKind[]
  /**
   * What `revokeTokenClaim` holds, for a cutoff of a subject: another text after each, and no hash
   * of a password. `null` = tokens have no such claim.
   */
  markOf: ((sub: SubjectId, cutoff: number) => string) | null
  /** Another issuer whose access tokens are good at some doors. */
  foreign?: ForeignIssuer | null
}>

type Claims = Readonly<Record<string, unknown>>

/**
 * Signs and verifies. A pair is a function of the session's state, so a replay gives the same jti,
 * iat and exp.
 */
export class TokenIssuer {
  readonly #options: IssuerOptions

  constructor(options: IssuerOptions) {
    this.#options = options
  }

  /** The first pair of a session. */
  pair(session: PairSession, told: LoginClaims): TokenPair {
    return this.#signPair(session, this.#claimsOf(told))
  }

  /**
   * A function of the commit and the presented token, so whoever presents that token gets the same:
   * what the refresh sealed into the commit, else a copy of what the presented token says.
   */
  successor(session: PairSession, presented: RefreshClaims, token: string): TokenPair {
    const { sealed, sid, access } = session
    const custom = sealed
      ? openClaims(sealed, token, { sid, jti: access.jti })
      : this.customIn(presented)
    return this.#signPair(session, this.#copied(presented, custom))
  }

  /** The first token of a sliding session. */
  sliding(session: SlidingSession, told: LoginClaims): SignedToken {
    return this.#signSliding(session, this.#claimsOf(told))
  }

  /** The same token with a later `exp`; what it was told at login is copied, unless told anew. */
  renewed(
    session: SlidingSession,
    presented: SlidingClaims,
    custom: CustomClaims = this.customIn(presented),
  ): SignedToken {
    return this.#signSliding(session, this.#copied(presented, custom))
  }

  /** Whether a token is from before marks were asked for; told by its own claims alone. */
  lacksMark(claims: BearerClaims): boolean {
    const { markOf, names } = this.#options
    return markOf !== null && typeof claims[names.revokeTokenClaim] !== 'string'
  }

  get marks(): boolean {
    return this.#options.markOf !== null
  }

  /** A team's own claims in a token. */
  customIn(presented: RefreshClaims | SlidingClaims): CustomClaims {
    const { names } = this.#options
    const own = Object.entries(customClaimsOf(presented))
    return Object.fromEntries(
      own.filter(([name, value]) => !isTakenClaim(name, names) && !isStatusClaim(name, value)),
    )
  }

  /** Kinds that authenticate here, unless the caller names others. */
  verifyBearer(
    token: string,
    now: EpochMs,
    accept: readonly BearerKind[] = this.accepted,
  ): Verified<BearerClaims> {
    const { access, refresh, issuer, audience, leewayMs } = this.#options
    const keys = { keys: access, other: refresh }
    return verifyBearer(token, { ...keys, issuer, audience, now, leewayMs, accept })
  }

  verifyRefresh(token: string, now: EpochMs): Verified<RefreshClaims> {
    const { access, refresh, issuer, leewayMs } = this.#options
    const keys = { keys: refresh, other: access }
    return verifyRefresh(token, { ...keys, issuer, now, leewayMs })
  }

  verifySliding(token: string, now: EpochMs): Verified<SlidingClaims> {
    const { access, refresh, issuer, audience, leewayMs } = this.#options
    const keys = { keys: access, other: refresh }
    return verifySliding(token, { ...keys, issuer, audience, now, leewayMs })
  }

  /** Whether a sliding token may still be renewed, with the leeway of `exp`. */
  isRenewable({ refresh_exp: end }: SlidingClaims, now: EpochMs): boolean {
    return now < msOf(end) + this.#options.leewayMs
  }

  get foreign(): ForeignIssuer | null {
    return this.#options.foreign ?? null
  }

  /** Whether a verified token is one of ours, and not of the other issuer. */
  isOwn({ iss }: Pick<BearerClaims, 'iss'>): boolean {
    return iss === this.#options.issuer
  }

  get accepted(): readonly BearerKind[] {
    return this.#options.accept
  }

  #claimsOf({ userId, roles, custom }: LoginClaims): Claims {
    return this.#withUserId(userId, { ...custom, roles })
  }

  #copied(presented: RefreshClaims | SlidingClaims, custom: CustomClaims): Claims {
    const { userIdClaim } = this.#options.names
    return this.#withUserId(presented[userIdClaim], { ...custom, roles: presented.roles ?? [] })
  }

  #withUserId(userId: unknown, claims: Claims): Claims {
    const { userIdClaim } = this.#options.names
    return userIdClaim === 'sub' ? claims : { ...claims, [userIdClaim]: userId }
  }

  #signPair(session: PairSession, told: Claims): TokenPair {
    const { access, current } = session
    const shared = this.#shared(session, told)
    const accessClaims = this.#named<AccessClaims>({
      ...shared,
      aud: this.#options.audience,
      ...acceptedClaims(access, this.#options.lists),
      token_type: 'access',
    })
    const refreshClaims = this.#named<RefreshClaims>({
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

  #signSliding(session: SlidingSession, told: Claims): SignedToken {
    const { token, refreshExp } = session.sliding
    const claims = this.#named<SlidingClaims>({
      ...this.#shared(session, told),
      aud: this.#options.audience,
      ...acceptedClaims(token, this.#options.lists),
      token_type: 'sliding',
      refresh_exp: refreshExp,
    })
    return { token: signSliding(this.#options.access, claims), expiresAt: msOf(token.exp) }
  }

  #shared(session: SessionState, told: Claims) {
    const { markOf, names, issuer } = this.#options
    const mark = markOf && { [names.revokeTokenClaim]: markOf(session.sub, session.epoch.sub) }
    return {
      ...told,
      ...mark,
      iss: issuer,
      sub: session.sub,
      client_id: session.client,
      sid: session.sid,
      auth_time: secondsOf(session.startedAt),
      sst: session.startedAt,
      epoch: session.epoch,
    }
  }

  /** Says three claims under their other names too, where such are configured. */
  #named<C extends BearerClaims | RefreshClaims>(claims: C): C {
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
