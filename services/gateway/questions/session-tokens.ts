import type { EventData } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { cutoffKeysOf } from '../../../shared/session/cutoff-commit.ts'
import { type Asking, eachOf, firstOf, type Page, pageOf } from '../audit/index.ts'
import { judgeCutoff, type Login } from './cutoff-verdict.ts'
import { eventsOf, type Known, mapEach, type Rows } from './question-rows.ts'

/** What ended a token before it expired. */
export type TokenEnd = Readonly<{
  at: EpochMs
  reason: EventData<'TokenRevoked'>['reason']
  actor: EventData<'TokenRevoked'>['actor']
  event: string
}>

export type SessionToken = Readonly<{
  jti: string
  kind: EventData<'TokenIssued'>['kind']
  cause: EventData<'TokenIssued'>['cause']
  issuedAt: EpochMs
  expiresAt: EpochMs
  /** The refresh token that it came in place of. */
  replaces: string | null
  address: string | null
  agent: string | null
  ended: TokenEnd | null
  event: string
}>

const endOf = ({ id, at, data: { reason, actor } }: Known<'TokenRevoked'>): TokenEnd => ({
  ...{ at, reason, actor },
  event: id,
})

/** What ended all of the session: its own end, or the first cutoff that it was below. */
export const sessionEnd = async (
  asking: Asking,
  sid: string,
): Promise<Known<'TokenRevoked'> | null> => {
  const [first, own, newest] = await Promise.all([
    firstOf(asking, { session: sid, kind: 'TokenIssued' }, { order: 'oldest' }),
    firstOf(asking, { session: sid, step: 'end' }, { order: 'oldest' }),
    firstOf(asking, { session: sid, kind: 'TokenIssued' }, { order: 'newest' }),
  ])
  const [login] = eventsOf(first ? [first] : [], 'TokenIssued')
  const cutoffs = login ? await firstCutoffs(asking, login, newest?.at ?? login.at) : []
  const ends = [...eventsOf(own ? [own] : [], 'TokenRevoked'), ...cutoffs]
  return ends.sort((a, b) => a.at - b.at)[0] ?? null
}

/** Of each kind the first cutoff that the session was below. */
const firstCutoffs = async (
  asking: Asking,
  login: Login,
  lastUsed: EpochMs,
): Promise<readonly Known<'TokenRevoked'>[]> => {
  const found = await mapEach(cutoffKeysOf(login.data), async (cutoff) => {
    const page = { order: 'oldest', since: login.at, limit: 4 } as const
    for await (const event of eachOf(asking, { cutoff }, page)) {
      const [one] = eventsOf([event], 'TokenRevoked')
      if (one && judgeCutoff(login, one, lastUsed) !== 'spared') return one
    }
    return null
  })
  return found.filter((one) => one !== null)
}

/** What ended this one token: its rotation, or a revocation of it. */
const ownEnd = async (
  asking: Asking,
  jti: string,
  near: ReadonlyMap<string, Known<'TokenRevoked'>>,
): Promise<Known<'TokenRevoked'> | null> => {
  const known = near.get(jti)
  if (known) return known
  const found = await firstOf(asking, { token: jti, kind: 'TokenRevoked' }, { order: 'oldest' })
  const [ended] = eventsOf(found ? [found] : [], 'TokenRevoked')
  return ended && ended.data.key === `jti:${jti}` ? ended : null
}

/** The tokens of a session, from first to last, and what ended each. */
export const tokensOf = async (
  asking: Asking,
  sid: string,
  page: Page,
): Promise<Rows<SessionToken>> => {
  const { events, next } = await pageOf(asking, { session: sid }, page)
  const near = new Map(
    eventsOf(events, 'TokenRevoked').map((ended) => [ended.data.key.replace(/^jti:/, ''), ended]),
  )
  const whole = events.length === 0 ? null : await sessionEnd(asking, sid)
  const rows = await mapEach(eventsOf(events, 'TokenIssued'), async ({ id, at, data }) => {
    const { jti, kind, cause, exp, replaces, address, agent } = data
    const expiresAt = (exp * 1_000) as EpochMs
    const own = await ownEnd(asking, jti, near)
    const [end] = [own, whole]
      .flatMap((one) => (one && one.at < expiresAt ? [one] : []))
      .sort((a, b) => a.at - b.at)
    return {
      ...{ jti, kind, cause, issuedAt: at, expiresAt, replaces, address, agent },
      ended: end ? endOf(end) : null,
      event: id,
    }
  })
  return { rows, next }
}
