import { type AuthEvent, event, type RevocationReason } from '../../../shared/events/event.ts'
import type {
  ClientId,
  EpochSeconds,
  RevocationKey,
  SessionId,
} from '../../../shared/kernel/ids.ts'
import type { Told } from '../views/asked-index.ts'
import { aJti, aRevoked, aSid, aSub, noon } from './builders.ts'
import type { Dice } from './dice.ts'

const minuteMs = 60_000
export const accessMs = 5 * minuteMs
export const refreshMs = 24 * 60 * minuteMs

export type HistoricToken = {
  jti: string
  kind: 'access' | 'refresh'
  expiresAt: number
  endedAt: number | null
}
export type HistoricSession = {
  sid: SessionId
  sub: string
  client: ClientId
  address: string
  began: number
  endedAt: number | null
  version: number
  tokens: HistoricToken[]
}

/**
 * Sessions as gateways make them, one step after another, some minutes apart, with what is true of
 * them beside it. `steps` may be broken by whoever draws: `refresh` asks for nothing.
 */
export class DrawnHistory {
  readonly told: Told[] = []
  readonly sessions: HistoricSession[] = []
  readonly users = [aSub(), aSub(), aSub()]
  readonly clients = ['web', 'app'] as ClientId[]
  readonly #dice: Dice
  readonly #cutoffs = new Map<string, number>()
  now: number = noon
  /** Of the access tokens from now on. */
  accessMs = accessMs

  constructor(dice: Dice) {
    this.#dice = dice
  }

  /** Far enough that no request of before is still under way. */
  pass(): void {
    this.now += minuteMs * (2 + this.#dice.below(20))
  }

  isLive = (session: HistoricSession): boolean =>
    session.endedAt === null &&
    session.tokens.some(({ kind, expiresAt, endedAt }) => {
      return kind === 'refresh' && expiresAt > this.now && endedAt === null
    })

  live(): HistoricSession[] {
    return this.sessions.filter(this.isLive)
  }

  step(): void {
    this.pass()
    const session = this.live().length > 0 ? this.#dice.pick(this.live()) : null
    const turn = this.#dice.below(100)
    if (session === null || turn < 25) this.login()
    else if (turn < 70) this.refresh(session)
    else if (turn < 80) this.end(session)
    else if (turn < 88) this.endToken(session)
    else this.cutoff(this.#dice.below(3))
  }

  login(): HistoricSession {
    const session: HistoricSession = {
      ...{ sid: aSid(), sub: this.#dice.pick(this.users), client: this.#dice.pick(this.clients) },
      address: `192.0.2.${this.#dice.below(4)}`,
      ...{ began: this.now, endedAt: null, version: -1, tokens: [] },
    }
    this.sessions.push(session)
    this.#issue(session, 'login', null)
    return session
  }

  refresh(session: HistoricSession): void {
    const current = session.tokens.findLast(({ kind }) => kind === 'refresh')
    this.#issue(session, 'refresh', current ?? null)
  }

  end(session: HistoricSession, reason: RevocationReason = 'logout'): string {
    session.version += 1
    session.endedAt ??= this.now
    const { sid, sub } = session
    const key = `sid:${sid}` as RevocationKey
    const ended = aRevoked({
      ...{ sid, sub: sub as never, key, reason },
      revokedAt: this.now as never,
    })
    return this.#tell(`s/${sid}:${session.version}:0`, ended)
  }

  /** By the id of the token alone: no such end names a user. */
  endToken(session: HistoricSession, which: HistoricToken['kind'] = 'access'): void {
    const token = session.tokens.findLast(({ kind }) => kind === which)
    if (!token || token.endedAt !== null) return
    token.endedAt = this.now
    const key = `jti:${token.jti}` as RevocationKey
    const ended = aRevoked({ scope: 'token', key, reason: 'revoked' })
    const data = { ...ended.data, sid: null }
    this.#tell(`j/${token.jti}:0:0`, event('TokenRevoked', data))
  }

  /** Of a user, a client, or everyone. */
  cutoff(which: number): void {
    const user = this.#dice.pick(this.users)
    const client = this.#dice.pick(this.clients)
    const [scope, stream, key] = (
      [
        ['subject', `u/${user}`, `sub:${user}`],
        ['client', `c/${client}`, `client:${client}`],
        ['all', 'all', 'all'],
      ] as const
    )[which % 3] as readonly ['subject' | 'client' | 'all', string, RevocationKey]
    const version = (this.#cutoffs.get(stream) ?? -1) + 1
    this.#cutoffs.set(stream, version)
    for (const session of this.sessions) {
      const isMeant =
        scope === 'all' || key === `sub:${session.sub}` || key === `client:${session.client}`
      if (isMeant) session.endedAt ??= this.now
    }
    const sub = scope === 'subject' ? (user as never) : null
    const data = {
      ...aRevoked({ scope, key, cutoff: version, sub, reason: 'revoked' }).data,
      sid: null,
    }
    this.#tell(`${stream}:${version}:0`, event('TokenRevoked', data))
  }

  #issue(session: HistoricSession, cause: 'login' | 'refresh', before: HistoricToken | null): void {
    session.version += 1
    const iat = Math.floor(this.now / 1_000) as EpochSeconds
    const { sid, sub, client, address } = session
    const events: AuthEvent[] = []
    if (before) {
      before.endedAt ??= this.now
      const key = `jti:${before.jti}` as RevocationKey
      const rotated = {
        ...{ sid, sub: sub as never, key },
        scope: 'token',
        reason: 'rotated',
      } as const
      events.push(aRevoked(rotated))
    }
    for (const [kind, lifeMs] of [
      ['access', this.accessMs],
      ['refresh', refreshMs],
    ] as const) {
      const exp = (iat + lifeMs / 1_000) as EpochSeconds
      const jti = aJti()
      session.tokens.push({ jti, kind, expiresAt: exp * 1_000, endedAt: null })
      const replaces = kind === 'refresh' ? ((before?.jti ?? null) as never) : null
      const token = { kind, jti, sub: sub as never, client, sid, iat, exp, replaces, cause }
      events.push(event('TokenIssued', { ...token, address, agent: null }))
    }
    for (const [index, told] of events.entries()) {
      this.#tell(`s/${sid}:${session.version}:${index}`, told)
    }
  }

  #tell(id: string, told: AuthEvent): string {
    this.told.push({ id, at: this.now, event: told, request: `r${this.now}` })
    return id
  }
}
