/**
 * What sessions of one user must do, said once more and shortly: a list of tokens, a few numbers a
 * session, and no store. `test/system/sessions/sequences-claims.ts` compares the gateway with it.
 */
export type ModelPolicy = Readonly<{
  accessLifetimeMs: number
  refreshLifetimeMs: number
  slidingLifetimeMs: number
  slidingRefreshLifetimeMs: number
  sessionMaxLifetimeMs: number
  graceMs: number
}>

type Kind = 'access' | 'refresh' | 'sliding'
export type ModelToken = Readonly<{ kind: Kind; session: number; version: number; exp: number }>

type Session = {
  readonly bornUnder: number
  readonly startedAt: number
  ended: boolean
  /** When each refresh token was replaced, by version; the current one is not in it. */
  readonly replacedAt: Map<number, number>
  current: number
  /** Of a sliding session. */
  readonly refreshExp: number
  slidIat: number
}

/** What a step answers, and the tokens that it issues, in the gateway's order. */
export type Expected = Readonly<{ outcome: string; issued: readonly ModelToken[] }>
const only = (outcome: string): Expected => ({ outcome, issued: [] })
const secondsOf = (ms: number): number => Math.floor(ms / 1000)

export class SessionModel {
  readonly tokens: ModelToken[] = []
  readonly #sessions: Session[] = []
  readonly #policy: ModelPolicy
  #cutoffs = 0
  #active = true
  now: number

  constructor(policy: ModelPolicy, now: number) {
    this.#policy = policy
    this.now = now
  }

  login(kind: 'pair' | 'sliding', passwordIsGood: boolean): Expected {
    if (!passwordIsGood || !this.#active) return only('refused')
    const iat = secondsOf(this.now)
    const session = this.#sessions.length
    this.#sessions.push({
      bornUnder: this.#cutoffs,
      startedAt: this.now,
      ended: false,
      replacedAt: new Map(),
      current: 0,
      refreshExp: this.#exp(iat, this.#policy.slidingRefreshLifetimeMs, this.now),
      slidIat: iat,
    })
    return this.#issue('opened', kind === 'pair' ? this.#pair(session, 0) : [this.#slid(session)])
  }

  refresh(token: ModelToken): Expected {
    const judged = this.#judge(token)
    if (judged !== 'rotate') return only(judged)
    const session = this.#of(token)
    session.replacedAt.set(session.current, this.now)
    session.current += 1
    return this.#issue('refreshed', this.#pair(token.session, session.current))
  }

  /** Simple-JWT's blacklist view. */
  blacklist(token: ModelToken): Expected {
    const judged = this.#judge(token)
    if (['rotate', 'replayed', 'superseded'].includes(judged)) {
      this.#of(token).ended = true
      return only('ended')
    }
    return only(judged)
  }

  slide(token: ModelToken): Expected {
    const session = this.#of(token)
    if (this.#isExpired(token)) return only('expired')
    if (token.kind !== 'sliding') return only('wrong_type')
    if (secondsOf(this.now) >= session.refreshExp) return only('not_renewable')
    if (!this.#isAlive(session) || this.#isTooOld(session)) return only('refused')
    session.slidIat = Math.max(session.slidIat, secondsOf(this.now))
    return this.#issue('renewed', [this.#slid(token.session)])
  }

  verify(token: ModelToken): Expected {
    if (this.#isExpired(token)) return only('expired')
    const session = this.#of(token)
    const isCurrent = token.kind !== 'refresh' || token.version === session.current
    return only(this.#isAlive(session) && isCurrent ? 'good' : 'blacklisted')
  }

  logout(token: ModelToken): Expected {
    this.#of(token).ended = true
    return only('ended')
  }

  changePassword(): Expected {
    this.#cutoffs += 1
    return only('done')
  }

  setActive(active: boolean): Expected {
    if (!active) this.#cutoffs += 1
    this.#active = active
    return only('done')
  }

  deleteUser(): Expected {
    return this.setActive(false)
  }

  #of({ session }: ModelToken): Session {
    const found = this.#sessions[session]
    if (!found) throw new Error('a token without a session')
    return found
  }

  #isAlive({ ended, bornUnder }: Session): boolean {
    return !ended && bornUnder === this.#cutoffs
  }

  #isTooOld({ startedAt }: Session): boolean {
    return this.now >= startedAt + this.#policy.sessionMaxLifetimeMs - 1_000
  }

  #isExpired({ exp }: ModelToken): boolean {
    return this.now >= exp * 1000
  }

  #judge(token: ModelToken): string {
    if (this.#isExpired(token)) return 'expired'
    if (token.kind !== 'refresh') return 'wrong_type'
    const session = this.#of(token)
    if (!this.#isAlive(session) || this.#isTooOld(session)) return 'refused'
    const replacedAt = session.replacedAt.get(token.version)
    if (replacedAt === undefined) return 'rotate'
    if (this.now - replacedAt < this.#policy.graceMs) {
      return token.version === session.current - 1 ? 'replayed' : 'superseded'
    }
    session.ended = true
    return 'reused'
  }

  #exp(iat: number, lifetimeMs: number, startedAt: number): number {
    const end = secondsOf(startedAt + this.#policy.sessionMaxLifetimeMs)
    return Math.min(iat + secondsOf(lifetimeMs), end)
  }

  #pair(session: number, version: number): ModelToken[] {
    const { accessLifetimeMs, refreshLifetimeMs } = this.#policy
    const { startedAt } = this.#sessions[session] as Session
    const iat = secondsOf(this.now)
    const of = (kind: Kind, lifetimeMs: number): ModelToken => ({
      kind,
      session,
      version,
      exp: this.#exp(iat, lifetimeMs, startedAt),
    })
    return [of('access', accessLifetimeMs), of('refresh', refreshLifetimeMs)]
  }

  #slid(session: number): ModelToken {
    const { slidIat, startedAt } = this.#sessions[session] as Session
    const exp = this.#exp(slidIat, this.#policy.slidingLifetimeMs, startedAt)
    return { kind: 'sliding', session, version: 0, exp }
  }

  #issue(outcome: string, issued: readonly ModelToken[]): Expected {
    this.tokens.push(...issued)
    return { outcome, issued }
  }
}
