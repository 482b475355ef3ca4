import { login } from '../../../services/gateway/sessions/login.ts'
import {
  openPair,
  openSlidingToken,
  type SessionOpener,
} from '../../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { clientId } from '../../../shared/kernel/ids.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import type { Dice } from '../fakes/dice.ts'
import { trusting, withSessions } from '../other-rooms.ts'
import { jarOf, newJar, tokenIn } from '../processes/browser.ts'
import type { Answer } from '../requests/http-send.ts'
import { payloadOf } from '../requests/visitor.ts'
import { changePassword } from './delivered-changes.ts'
import type { World } from './gateway-world.ts'

export type Bearer = { readonly text: string; ended: boolean }
export type Session = {
  readonly user: User
  readonly client: string
  readonly kind: 'pair' | 'sliding'
  readonly sid: string
  ended: boolean
  /** Every access token that it was given, or its sliding tokens; the newest last. */
  readonly bearers: Bearer[]
  /** Every refresh token; the newest last, the others are rotated. */
  readonly refreshes: string[]
}

const clients = ['web', 'mobile', 'till', 'partner'] as const
const newest = <T>(list: readonly T[]): T => list.at(-1) as T

/**
 * Many users with sessions of both kinds, ended in every way that there is, and beside them what
 * each way is expected to end: told by the rules alone, not by any answer.
 */
export class MatrixSessions {
  readonly sessions: Session[] = []
  readonly #world: World
  readonly #dice: Dice
  readonly #users: User[] = []
  readonly #disabled = new Set<User>()
  /** The newest `Revocation-Position` of an answer. */
  position: string | null = null

  constructor(world: World, dice: Dice) {
    this.#world = world
    this.#dice = dice
  }

  async addUsers(count: number): Promise<void> {
    while (this.#users.length < count) this.#users.push(await this.#world.addUser())
  }

  async open(count: number): Promise<void> {
    const users = this.#users.filter((user) => !this.#disabled.has(user))
    for (let opened = 0; opened < count; opened += 1) {
      const [user, client] = [this.#dice.pick(users), this.#dice.pick(clients)]
      if (this.#dice.chance(20)) {
        const { token } = await this.#login(user, client, openSlidingToken)
        this.#keep({ user, client, kind: 'sliding' }, token)
      } else {
        const { access, refresh } = await this.#login(user, client, openPair)
        this.#keep({ user, client, kind: 'pair' }, access.token, refresh.token)
      }
    }
  }

  /** A new pair or a renewed sliding token, for `count` live sessions. */
  async renew(count: number): Promise<void> {
    for (let renewed = 0; renewed < count; renewed += 1) await this.#renewOne(this.#live())
  }

  /** `way` of ending, on what the dice say. */
  async end(way: Way): Promise<void> {
    await ways[way](this, this.#live())
  }

  endWhere(isHit: (session: Session) => boolean): void {
    for (const session of this.sessions) if (isHit(session)) session.ended = true
  }

  async post(path: string, json: object, by: 'service' | Session): Promise<Answer> {
    const jar = by === 'service' ? newJar() : this.#jarOf(by)
    const headers = by === 'service' ? this.#world.serviceHeaders : {}
    const answer = await this.#world.send(path, jar, { json, headers })
    this.note(answer)
    const access = tokenIn(jar, 'access')
    // "Log out the others" answers a session that takes the caller's place.
    if (by !== 'service' && access && payloadOf(access).sid !== by.sid) {
      this.#keep(by, access, tokenIn(jar, 'refresh') ?? undefined)
    }
    return answer
  }

  note({ status, body, headers }: Answer): void {
    const position = headers['revocation-position']
    if (typeof position === 'string') this.position = position
    if (status >= 500) throw new Error(`an answer ${status}: ${JSON.stringify(body)}`)
  }

  async disable({ user }: Session): Promise<void> {
    this.#disabled.add(user)
    const request = {
      method: 'PATCH',
      json: { active: false },
      headers: this.#world.serviceHeaders,
    }
    this.note(await this.#world.send(`/users/${user.sub}`, newJar(), request))
  }

  async changePassword({ user }: Session): Promise<void> {
    const { quickRooms } = this.#world
    const word = `a new password ${this.#dice.below(1e9)}`
    this.position = (await changePassword(quickRooms, user.sub, word)).position ?? this.position
  }

  #live(): Session {
    return this.#dice.pick(this.sessions.filter(({ ended }) => !ended))
  }

  #jarOf({ bearers, refreshes }: Session) {
    const refresh = refreshes.at(-1)
    return jarOf({ access: newest(bearers).text, ...(refresh === undefined ? {} : { refresh }) })
  }

  async #login<Tokens>(user: User, name: string, opener: SessionOpener<Tokens>): Promise<Tokens> {
    const { quickRooms } = this.#world
    const parts = withSessions(trusting(quickRooms), { client: clientId(name) })
    const request = { username: user.username, password: '', origin: noOrigin }
    const result = await login(
      parts,
      { ...request, arrival: parts.context.storeClock.now() },
      opener,
    )
    if (result.outcome !== 'opened') throw new Error(`no session: ${result.outcome}`)
    return result.tokens
  }

  #keep(of: Pick<Session, 'user' | 'client' | 'kind'>, bearer: string, refresh?: string): void {
    const { user, client, kind } = of
    const bearers = [{ text: bearer, ended: false }]
    const refreshes = refresh === undefined ? [] : [refresh]
    const { sid } = payloadOf(bearer)
    this.sessions.push({ user, client, kind, sid, ended: false, bearers, refreshes })
  }

  async #renewOne(session: Session): Promise<void> {
    const isPair = session.kind === 'pair'
    const path = isPair ? '/api/token/refresh/' : '/api/token/sliding/refresh/'
    const json = isPair
      ? { refresh: newest(session.refreshes) }
      : { token: newest(session.bearers).text }
    const { status, body } = await this.#world.send(path, newJar(), { json })
    if (status !== 200) throw new Error(`a renewal was answered ${status} ${JSON.stringify(body)}`)
    const got = body as { access: string; refresh: string; token: string }
    session.bearers.push({ text: isPair ? got.access : got.token, ended: false })
    if (isPair) session.refreshes.push(got.refresh)
  }
}

type End = (all: MatrixSessions, session: Session) => Promise<void>

const revocations = (all: MatrixSessions, json: object): Promise<Answer> =>
  all.post('/revocations', json, 'service')

const ways = {
  logout: async (all, session) => {
    if (session.kind === 'pair') await all.post('/logout', {}, session)
    else await revocations(all, { scope: 'token', id: newest(session.bearers).text })
    session.ended = true
  },
  session: async (all, session) => {
    await revocations(all, { scope: 'session', id: session.sid })
    session.ended = true
  },
  token: async (all, session) => {
    const bearer = newest(session.bearers)
    await revocations(all, { scope: 'token', id: bearer.text })
    if (session.kind === 'pair') bearer.ended = true
    else session.ended = true
  },
  subject: async (all, { user }) => {
    await revocations(all, { scope: 'subject', id: user.sub })
    all.endWhere((one) => one.user === user)
  },
  others: async (all, session) => {
    if (session.kind !== 'pair' || newest(session.bearers).ended) return
    all.endWhere((one) => one.user === session.user)
    await all.post('/revocations', { scope: 'others' }, session)
  },
  client: async (all, { client }) => {
    await revocations(all, { scope: 'client', id: client })
    all.endWhere((one) => one.client === client)
  },
  all: async (all) => {
    await revocations(all, { scope: 'all' })
    all.endWhere(() => true)
  },
  blacklisted: async (all, session) => {
    if (session.kind !== 'pair') return
    await all.post('/api/token/blacklist/', { refresh: newest(session.refreshes) }, 'service')
    session.ended = true
  },
  reuse: async (all, session) => {
    const [used] = session.refreshes.slice(0, -1)
    if (used === undefined) return
    await all.post('/api/token/refresh/', { refresh: used }, 'service')
    session.ended = true
  },
  disabled: async (all, session) => {
    await all.disable(session)
    all.endWhere((one) => one.user === session.user)
  },
  password: async (all, session) => {
    await all.changePassword(session)
    all.endWhere((one) => one.user === session.user)
  },
} as const satisfies Record<string, End>

export type Way = keyof typeof ways
