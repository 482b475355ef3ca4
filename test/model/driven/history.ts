import type { Commit } from '../../../shared/events/commit.ts'
import type { Claim, EpochMs, SessionId, TokenId } from '../../../shared/kernel/ids.ts'
import { tellsReuse } from '../../../shared/session/decide-refresh.ts'
import type { RefreshClaims } from '../../../shared/tokens/claims.ts'
import type { Actor } from './calls.ts'
import { graceMs } from './premises.ts'
import { isEnded, type Snapshot } from './snapshot.ts'

/** A refresh under way: what it presented, and how things stood when it came. */
export type Asked = Readonly<{
  claims: RefreshClaims
  arrival: EpochMs
  /** A revocation of the session was answered before. */
  gone: boolean
}>

export type Cutoff = Readonly<{ least: number; at: EpochMs }>
export type Login = Readonly<{
  sid: SessionId
  password: 'old' | 'new'
  /** The greatest cutoff that was answered before it came. */
  after: number
}>

/** The commit that replaced a token, and whether this very request made it. */
type Replaced = Readonly<{ at: EpochMs; isOwn: boolean }>

/** What was answered, and so promised. */
export class History {
  readonly makers: ReadonlyMap<Claim, Actor>
  logoutAt: EpochMs | null = null
  readonly cutoffs: Cutoff[] = []
  readonly logins: Login[] = []
  readonly #asked = new Map<Actor, Asked>()
  /** The last one of each, also when it was answered. */
  readonly #latest = new Map<Actor, Asked>()
  readonly #before = new Map<Actor, ReadonlySet<Claim>>()
  readonly #successors = new Map<TokenId, TokenId>()
  readonly #answers: ((now: Snapshot) => string)[] = []
  #text = ''

  constructor(makers: ReadonlyMap<Claim, Actor>) {
    this.makers = makers
  }

  get key(): string {
    const asked = [...this.#asked].map(([{ name }, { claims, arrival, gone }]) =>
      [name, claims.ver, arrival, gone].join(),
    )
    return `${this.#text}|${asked}`
  }

  /** Whether a revocation of the first session was answered. */
  isGone(): boolean {
    return this.logoutAt !== null || this.cutoffs.length > 0
  }

  asks(actor: Actor, asked: Asked): void {
    this.#asked.set(actor, asked)
    this.#latest.set(actor, asked)
    this.#before.set(actor, new Set(this.makers.keys()))
  }

  refreshed(actor: Actor, next: TokenId): void {
    const asked = this.#asked.get(actor)
    if (!asked) return
    this.#asked.delete(actor)
    const { claims, gone } = asked
    const known = this.#successors.get(claims.jti) ?? next
    this.#successors.set(claims.jti, next)
    this.#note(`${actor.name} ${claims.ver}>${next}`, (now) => {
      if (gone) return 'I4: issued after an acknowledged revocation'
      if (known !== next) return 'I1: two successors of one refresh token'
      const replaced = this.#replaced(actor, asked, now)
      const isLate = replaced && !replaced.isOwn && asked.arrival - replaced.at >= graceMs
      return isLate ? 'I2: answered with tokens after the grace' : ''
    })
  }

  refused(actor: Actor, outcome: string): void {
    this.#asked.delete(actor)
    this.#note(`${actor.name} ${outcome}`, ({ session }) => {
      const isLive = session.at(-1)?.session?.status === 'live'
      return outcome === 'reused' && isLive ? 'I2: reuse answered and the session lives' : ''
    })
  }

  loggedOut(now: EpochMs): void {
    this.logoutAt = Math.min(this.logoutAt ?? now, now) as EpochMs
    this.#note(`logged out ${now}`, () => '')
  }

  loggedIn(login: Login): void {
    this.logins.push(login)
    this.#note(`${login.password} login after ${login.after}`, (now) => {
      const ended = isEndedLogin(now, login)
      if (login.password === 'new' && !isEnded(now, now.session.at(-1) as Commit)) {
        return 'I4: the new password opens, and a session of the old one lives'
      }
      if (login.password === 'old' && this.cutoffs.length > 0 && !ended) {
        return 'I4: a login with the old password survives the password change'
      }
      const isYoung = login.after >= 0 || login.password === 'new'
      return isYoung && ended && (now.subject.at(-1)?.cutoff ?? -1) <= login.after
        ? 'FP: a login begun after revoke-all was answered is born dead'
        : ''
    })
  }

  /** `before`: what had been opened and answered when the request came. */
  cutOff(least: number, at: EpochMs, before: readonly Login[]): void {
    this.cutoffs.push({ least, at })
    this.#note(`cut off ${least} ${at}`, (now) => {
      const last = now.session.at(-1)
      if (last && !isEnded(now, last)) return 'I4: a session begun before revoke-all survives it'
      if (before.some((login) => !isEndedLogin(now, login))) {
        return 'I4: a session begun and answered before revoke-all survives it'
      }
      const old = this.logins.filter(({ password }) => password === 'old')
      return old.some((login) => !isEndedLogin(now, login))
        ? 'I4: a login with the old password survives the password change'
        : ''
    })
  }

  /** What the answers since the last look broke, or an honest client suffers. */
  broken(now: Snapshot): string {
    const bad = this.#answers.splice(0).map((answer) => answer(now))
    return bad.find((one) => one !== '') ?? this.#falseAlarm(now)
  }

  #note(text: string, answer: (now: Snapshot) => string): void {
    this.#text += `;${text}`
    this.#answers.push(answer)
  }

  #replaced(actor: Actor, { claims }: Asked, { session }: Snapshot): Replaced | null {
    const next = session.find(({ id }) => id.v > claims.ver)
    if (!next) return null
    const isOwn = this.makers.get(next.claim) === actor && !this.#before.get(actor)?.has(next.claim)
    return { at: next.at, isOwn }
  }

  #falseAlarm(now: Snapshot): string {
    const last = now.session.at(-1)
    const maker = last && this.makers.get(last.claim)
    const asked = maker && this.#latest.get(maker)
    if (!last || !asked || !tellsReuse(last)) return ''
    const replaced = this.#replaced(maker, asked, now)
    const isHonest = !replaced || replaced.isOwn || asked.arrival - replaced.at < graceMs
    return isHonest ? 'FP: an honest client lost its session to the detection of reuse' : ''
  }
}

const isEndedLogin = (now: Snapshot, { sid }: Login): boolean => {
  const commit = now.others.find(({ session }) => session?.sid === sid)
  return !commit || isEnded(now, commit)
}
