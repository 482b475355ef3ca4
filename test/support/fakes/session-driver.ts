import {
  deleteUser,
  setActive,
  setPassword,
} from '../../../services/gateway/accounts/change-account.ts'
import { LoginLimits } from '../../../services/gateway/accounts/login-limits.ts'
import { StoreClock } from '../../../services/gateway/publication/store-clock.ts'
import { endSessionById } from '../../../services/gateway/revocations/append-revocation.ts'
import type { Rooms } from '../../../services/gateway/rooms.ts'
import { blacklistToken } from '../../../services/gateway/sessions/blacklist-token.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { LogoutsInFlight } from '../../../services/gateway/sessions/logouts-in-flight.ts'
import { refresh } from '../../../services/gateway/sessions/refresh.ts'
import { openPair, openSlidingToken } from '../../../services/gateway/sessions/session-openers.ts'
import { slide } from '../../../services/gateway/sessions/slide.ts'
import type { SignedToken, TokenPair } from '../../../services/gateway/tokens/token-issuer.ts'
import { verifyToken } from '../../../services/gateway/tokens/token-verdict.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs, SessionId } from '../../../shared/kernel/ids.ts'
import type { RateLimits } from '../../../shared/ports/rate-limits.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { withAccounts, withContext } from '../other-rooms.ts'
import { payloadOf } from '../requests/visitor.ts'
import type { World } from '../worlds/gateway-world.ts'

/** What a step answered, and the tokens that the client got, in the order of the model. */
export type Actual = Readonly<{ outcome: string; issued: readonly string[] }>
const only = (outcome: string): Actual => ({ outcome, issued: [] })
const inPair = ({ access, refresh: second }: TokenPair): string[] => [access.token, second.token]

/** Guessing is not what is tested: every attempt is let through to the password. */
const unlimited: RateLimits = {
  take: async () => ({ allowed: true, retryAfterMs: 0 }),
  giveBack: async () => {},
  close: async () => {},
}

/**
 * The gateway's commands for one user, at an instant that moves as the driver is told. Time is the
 * driver's own, so that many run at once on one store.
 */
export class SessionDriver {
  readonly #parts: Rooms
  readonly #user: User
  readonly #replayable = new Map<string, string>()
  #password: string
  now: number

  constructor(world: World, user: User, password: string, now: number) {
    this.now = now
    const clock: Clock = { ...world.clock, now: () => this.now as EpochMs }
    const limits = new LoginLimits(unlimited, world.keys.addressKey)
    const rooms = withAccounts(world.quickRooms, { limits })
    this.#parts = withContext(rooms, { storeClock: new StoreClock(clock) })
    this.#user = user
    this.#password = password
  }

  async login(kind: 'pair' | 'sliding', passwordIsGood: boolean): Promise<Actual> {
    const { username } = this.#user
    const password = passwordIsGood ? this.#password : 'a guess'
    const request = { username, password, origin: noOrigin, arrival: this.#arrival() }
    if (kind === 'pair') {
      const pair = await login(this.#parts, request, openPair)
      return pair.outcome === 'opened'
        ? { outcome: 'opened', issued: inPair(pair.tokens) }
        : only(pair.outcome)
    }
    const one = await login(this.#parts, request, openSlidingToken)
    return one.outcome === 'opened'
      ? { outcome: 'opened', issued: [one.tokens.token] }
      : only(one.outcome)
  }

  async refresh(token: string): Promise<Actual> {
    const arrival = this.#arrival()
    const verified = this.#parts.tokens.issuer.verifyRefresh(token, arrival)
    if (!verified.ok) return only(verified.problem)
    const { claims } = verified
    const result = await refresh(this.#parts, { claims, token, origin: noOrigin, arrival })
    if (result.outcome !== 'refreshed') return only(result.outcome)
    const issued = inPair(result.tokens)
    // The same successor again is an answer, not a new token.
    const successor = payloadOf(result.tokens.refresh.token).jti
    if (this.#replayable.get(claims.jti) === successor) return only('replayed')
    this.#replayable.set(claims.jti, successor)
    return { outcome: 'refreshed', issued }
  }

  async blacklist(token: string): Promise<Actual> {
    const arrival = this.#arrival()
    const verified = this.#parts.tokens.issuer.verifyRefresh(token, arrival)
    if (!verified.ok) return only(verified.problem)
    const { claims } = verified
    const departing = new LogoutsInFlight().enter([claims.sid])
    const request = { claims, origin: noOrigin, arrival }
    return only((await blacklistToken(this.#parts, request, departing)).outcome)
  }

  async slide(token: string): Promise<Actual> {
    const arrival = this.#arrival()
    const { issuer } = this.#parts.tokens
    const verified = issuer.verifySliding(token, arrival)
    if (!verified.ok) return only(verified.problem)
    const { claims } = verified
    if (!issuer.isRenewable(claims, arrival)) return only('not_renewable')
    const result = await slide(this.#parts, { claims, origin: noOrigin, arrival })
    return result.outcome === 'renewed'
      ? { outcome: 'renewed', issued: [this.#text(result.token)] }
      : only(result.outcome)
  }

  async verify(token: string): Promise<Actual> {
    const verdict = await verifyToken(this.#parts, token, this.#arrival())
    return only(verdict.outcome === 'refused' ? verdict.problem : verdict.outcome)
  }

  async logout(token: string): Promise<Actual> {
    const sid = payloadOf(token).sid as SessionId
    const { outcome } = await endSessionById(this.#parts, {
      sid,
      reason: 'logout',
      origin: noOrigin,
    })
    return only(outcome)
  }

  async changePassword(): Promise<Actual> {
    this.#password = `${this.#password}+`
    await setPassword(this.#parts, this.#user.sub, this.#password)
    return only('done')
  }

  async setActive(active: boolean): Promise<Actual> {
    await setActive(this.#parts, this.#user.sub, active)
    return only('done')
  }

  async deleteUser(): Promise<Actual> {
    await deleteUser(this.#parts, this.#user.sub)
    return only('done')
  }

  #arrival(): EpochMs {
    return this.#parts.context.storeClock.now()
  }

  #text({ token }: SignedToken): string {
    return token
  }
}
