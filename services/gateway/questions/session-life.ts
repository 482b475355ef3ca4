import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { type Asking, eachOf } from '../audit/index.ts'
import type { Login } from './cutoff-verdict.ts'
import { eventsOf, type Known } from './question-rows.ts'

export type LiveToken = Readonly<{
  jti: string
  kind: 'access' | 'refresh' | 'sliding'
  issuedAt: EpochMs
  expiresAt: EpochMs
}>

/** What a session’s own stream says of it at an instant. */
export type SessionLife = Readonly<{ lastUsed: EpochMs; tokens: readonly LiveToken[] }>

/** A refresh has three events; the newest ones decide. */
const pageSize = 16

const expiryMs = ({ data }: Known<'TokenIssued'>): number => data.exp * 1_000
const lifeMs = ({ data }: Known<'TokenIssued'>): number => (data.exp - data.iat) * 1_000

class Walk {
  readonly #at: EpochMs
  readonly #replaced = new Set<string>()
  readonly #tokens = new Map<string, LiveToken>()
  #lastUsed: EpochMs
  #accessLifeMs: number | null = null
  #isRotated = false

  constructor(login: Login, at: EpochMs) {
    this.#at = at
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
    if (kind === 'access') this.#accessLifeMs = Math.max(this.#accessLifeMs ?? 0, lifeMs(token))
    const known = this.#tokens.get(jti)
    if (expiryMs(token) <= this.#at || (known && known.expiresAt >= expiryMs(token))) return
    const expiresAt = expiryMs(token) as EpochMs
    this.#tokens.set(jti, { jti, kind, issuedAt: token.at, expiresAt })
  }

  /** Whether no event before this instant can tell of a token that lives. */
  isOver(at: EpochMs): boolean {
    // A rotation replaced all refresh tokens before it; what is left are access tokens.
    return this.#isRotated && this.#accessLifeMs !== null && at + this.#accessLifeMs < this.#at
  }

  life(): SessionLife {
    const tokens = [...this.#tokens.values()].filter(({ jti }) => !this.#replaced.has(jti))
    return { lastUsed: this.#lastUsed, tokens }
  }
}

/** Tokens that lived at an instant, by the session’s own stream; `null` where it had ended. */
export const lifeOf = async (
  asking: Asking,
  login: Login,
  at: EpochMs,
): Promise<SessionLife | null> => {
  const walk = new Walk(login, at)
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
