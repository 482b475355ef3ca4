import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { cutoffKeysOf } from '../../../shared/session/cutoff-commit.ts'
import { type Asking, eachOf, firstOf, pageOf } from '../audit/index.ts'
import { judgeCutoff, type Login, NewestCutoffs } from './cutoff-verdict.ts'
import { eventsOf, type Known, mapEach, type Rows } from './question-rows.ts'
import type { SessionAge } from './session-age.ts'

type LiveToken = Readonly<{
  jti: string
  kind: 'access' | 'refresh' | 'sliding'
  issuedAt: EpochMs
  expiresAt: EpochMs
}>

/** What a session’s own stream says of it at an instant. */
type SessionLife = Readonly<{ lastUsed: EpochMs; tokens: readonly LiveToken[] }>

/** A refresh has three events; the newest ones decide. */
const pageSize = 16

const expiryMs = ({ data }: Known<'TokenIssued'>): number => data.exp * 1_000

class Walk {
  readonly #at: EpochMs
  readonly #replaced = new Set<string>()
  readonly #tokens = new Map<string, LiveToken>()
  readonly #tokenMs: number
  #lastUsed: EpochMs
  #isRotated = false

  constructor(login: Login, at: EpochMs, tokenMs: number) {
    this.#at = at
    this.#tokenMs = tokenMs
    this.#lastUsed = login.at
  }

  noteEnd({ data }: Known<'TokenRevoked'>): void {
    if (data.reason !== 'rotated' || !data.key.startsWith('jti:')) return
    this.#replaced.add(data.key.slice('jti:'.length))
    this.#isRotated = true
  }

  noteIssued(token: Known<'TokenIssued'>): void {
    const { jti, kind } = token.data
    if (token.at > this.#lastUsed) this.#lastUsed = token.at
    const known = this.#tokens.get(jti)
    if (expiryMs(token) <= this.#at || (known && known.expiresAt >= expiryMs(token))) return
    const expiresAt = expiryMs(token) as EpochMs
    this.#tokens.set(jti, { jti, kind, issuedAt: token.at, expiresAt })
  }

  /** Whether no event before this instant can tell of a token that lives. */
  isOver(at: EpochMs): boolean {
    // A rotation replaced all refresh tokens before it; what is left are access tokens.
    return this.#isRotated && at + this.#tokenMs < this.#at
  }

  life(): SessionLife {
    const tokens = [...this.#tokens.values()].filter(({ jti }) => !this.#replaced.has(jti))
    return { lastUsed: this.#lastUsed, tokens }
  }
}

/** Tokens that lived at an instant, by the session’s own stream; `null` where it had ended. */
const lifeOf = async (
  asking: Asking,
  { tokenMs }: SessionAge,
  login: Login,
  at: EpochMs,
): Promise<SessionLife | null> => {
  const walk = new Walk(login, at, tokenMs)
  const page = { order: 'newest', until: (at + 1) as EpochMs, limit: pageSize } as const
  for await (const event of eachOf(asking, { session: login.data.sid }, page)) {
    const [ended] = eventsOf([event], 'TokenRevoked')
    if (ended?.data.scope === 'session') return null
    if (ended) walk.noteEnd(ended)
    const [issued] = eventsOf([event], 'TokenIssued')
    if (issued) walk.noteIssued(issued)
    if (event.at !== null && walk.isOver(event.at)) break
  }
  return walk.life()
}

type HeldQuestion = Readonly<{
  /** `null`: everybody. */
  user: string | null
  at: EpochMs
  after: AuditPlace | null
  limit: number
}>

/** A session that lived at the instant, with its tokens that did. */
export type HeldSession = Readonly<{
  sid: string
  sub: string
  client: string
  began: EpochMs
  /** Where its login came from. */
  address: string | null
  agent: string | null
  /** Its last login, refresh or renewal up to the instant. */
  lastUsed: EpochMs
  tokens: readonly LiveToken[]
  /** `false`: a cutoff was set as it began, and events do not tell which was first. */
  certain: boolean
}>

/** Whether a revocation of this one token, or of its session, was there before `until`. */
const isEnded = async (asking: Asking, jti: string, until: EpochMs): Promise<boolean> => {
  const filter = { token: jti, step: 'end' } as const
  return (await firstOf(asking, filter, { order: 'newest', until })) !== null
}

/** What lives of a session at an instant; `null` for nothing. `cutoffs`: those up to then. */
export const heldBy = async (
  asking: Asking,
  age: SessionAge,
  login: Login,
  at: EpochMs,
  cutoffs: NewestCutoffs,
): Promise<HeldSession | null> => {
  const until = (at + 1) as EpochMs
  const life = await lifeOf(asking, age, login, at)
  if (life === null || life.tokens.length === 0) return null
  const { sid, sub, client, address, agent } = login.data
  const verdicts = await mapEach(cutoffKeysOf(login.data), async (key) => {
    const cutoff = await cutoffs.of(key)
    return cutoff === null ? 'spared' : judgeCutoff(login, cutoff, life.lastUsed)
  })
  if (verdicts.includes('ended')) return null
  const ends = await mapEach(life.tokens, ({ jti }) => isEnded(asking, jti, until))
  const tokens = life.tokens.filter((_, index) => ends[index] === false)
  if (tokens.length === 0) return null
  const certain = verdicts.every((verdict) => verdict === 'spared')
  const { lastUsed } = life
  return { sid, sub, client, began: login.at, address, agent, lastUsed, tokens, certain }
}

/**
 * Who held a live session or token at an instant: of one user, or of everybody, the session that
 * began last first. Of everybody it looks back as far as any session was ever allowed to live.
 */
export const sessionsHeldAt = async (
  asking: Asking,
  age: SessionAge,
  { user, at, after, limit }: HeldQuestion,
): Promise<Rows<HeldSession>> => {
  const since = user === null ? await age.beginningOf(at) : null
  const until = (at + 1) as EpochMs
  const page = { order: 'newest', since, until, after, limit } as const
  const { events, next } = await pageOf(asking, { user, step: 'login' }, page)
  const cutoffs = new NewestCutoffs(asking, until)
  const rows = await mapEach(eventsOf(events, 'TokenIssued'), (login) =>
    heldBy(asking, age, login, at, cutoffs),
  )
  return { rows: rows.filter((row) => row !== null), next }
}
