import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { cutoffKeysOf } from '../../../shared/session/cutoff-commit.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import { type Asking, firstOf, pageOf } from '../audit/index.ts'
import { judgeCutoff, type Login, NewestCutoffs } from './cutoff-verdict.ts'
import { eventsOf, mapEach, type Rows } from './question-rows.ts'
import { type LiveToken, lifeOf } from './session-life.ts'

export type HeldQuestion = Readonly<{
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

const heldBy = async (
  asking: Asking,
  login: Login,
  at: EpochMs,
  cutoffs: NewestCutoffs,
): Promise<HeldSession | null> => {
  const until = (at + 1) as EpochMs
  const life = await lifeOf(asking, login, at)
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
 * began last first. Of everybody it looks at sessions that began within the greatest age of a
 * session before.
 */
export const sessionsHeldAt = async (
  asking: Asking,
  { sessionMaxLifetimeMs }: Pick<SessionPolicy, 'sessionMaxLifetimeMs'>,
  { user, at, after, limit }: HeldQuestion,
): Promise<Rows<HeldSession>> => {
  const since = user === null ? (Math.max(0, at - sessionMaxLifetimeMs) as EpochMs) : null
  const until = (at + 1) as EpochMs
  const page = { order: 'newest', since, until, after, limit } as const
  const { events, next } = await pageOf(asking, { user, step: 'login' }, page)
  const cutoffs = new NewestCutoffs(asking, until)
  const rows = await mapEach(eventsOf(events, 'TokenIssued'), (login) =>
    heldBy(asking, login, at, cutoffs),
  )
  return { rows: rows.filter((row) => row !== null), next }
}
