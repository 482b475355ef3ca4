import type { SessionState } from '../../shared/events/commit.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import { type EpochMs, secondsOf } from '../../shared/kernel/ids.ts'
import type { AccessClaims, RefreshClaims } from '../../shared/tokens/claims.ts'
import type { AccessKeyRing, RefreshKeyRing } from '../../shared/tokens/keys.ts'
import { signAccess, signRefresh } from '../../shared/tokens/sign.ts'
import { type Verified, verifyAccess, verifyRefresh } from '../../shared/tokens/verify.ts'

export type TokenPair = Readonly<{
  access: Readonly<{ token: string; expiresAt: EpochMs }>
  refresh: Readonly<{ token: string; expiresAt: EpochMs }>
}>

/**
 * What a login adds to both tokens; it travels in the refresh token and never lies in the store.
 */
export type Told = Readonly<{ userId: string; roles: readonly string[] }>

type DeskOptions = Readonly<{
  access: AccessKeyRing
  refresh: RefreshKeyRing
  issuer: string
  audience: string
  leewayMs: number
  userIdClaim: string
}>

/**
 * Signs and verifies. A pair is a function of the session's state, so a replay gives the same jti,
 * iat and exp.
 */
export class TokenDesk {
  readonly #options: DeskOptions

  constructor(options: DeskOptions) {
    this.#options = options
  }

  /** The first pair of a session. */
  pair(session: SessionState | null, told: Told): TokenPair {
    return this.#sign(session, { [this.#options.userIdClaim]: told.userId, roles: told.roles })
  }

  /** A successor copies what the presented token was told at login. */
  successor(session: SessionState, presented: RefreshClaims): TokenPair {
    const { userIdClaim } = this.#options
    const roles = presented['roles'] ?? []
    return this.#sign(session, { [userIdClaim]: presented[userIdClaim], roles })
  }

  verifyAccess(token: string, now: EpochMs): Verified<AccessClaims> {
    const { access, refresh, issuer, audience, leewayMs } = this.#options
    const keys = { keys: access, other: refresh }
    return verifyAccess(token, { ...keys, issuer, audience, now, leewayMs })
  }

  verifyRefresh(token: string, now: EpochMs): Verified<RefreshClaims> {
    const { access, refresh, issuer, leewayMs } = this.#options
    const keys = { keys: refresh, other: access }
    return verifyRefresh(token, { ...keys, issuer, now, leewayMs })
  }

  #sign(session: SessionState | null, told: Readonly<Record<string, unknown>>): TokenPair {
    if (!session) throw new AuthError('INTERNAL', 'a session commit without a session')
    const { access, current } = session
    const { issuer, audience } = this.#options
    const shared = {
      ...told,
      iss: issuer,
      sub: session.sub,
      client_id: session.client,
      sid: session.sid,
      auth_time: secondsOf(session.startedAt),
      sst: session.startedAt,
      epoch: session.epoch,
    }
    const accessClaims = { ...shared, aud: audience, ...access, token_type: 'access' }
    const refreshClaims = {
      ...shared,
      ver: current.version,
      ...current.token,
      token_type: 'refresh',
    }
    return {
      access: {
        token: signAccess(this.#options.access, accessClaims as AccessClaims),
        expiresAt: (access.exp * 1000) as EpochMs,
      },
      refresh: {
        token: signRefresh(this.#options.refresh, refreshClaims as RefreshClaims),
        expiresAt: (current.token.exp * 1000) as EpochMs,
      },
    }
  }
}
