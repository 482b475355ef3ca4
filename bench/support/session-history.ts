import { type AuthEvent, event, noAct } from '../../shared/events/event.ts'
import { encodeEvent, signed } from '../../shared/events/event-codec.ts'
import type { LogRecord } from '../../shared/events/log-record.ts'
import type {
  EpochSeconds,
  EventId,
  SessionId,
  SubjectId,
  TokenId,
} from '../../shared/kernel/ids.ts'
import {
  aClient,
  aJti,
  anEventsRing,
  aSid,
  aSub,
  later,
  noon,
} from '../../test/support/fakes/builders.ts'
import { Dice } from '../../test/support/fakes/dice.ts'

const source = 'https://auth.example'
const spanMs = 30 * 86_400_000
const ring = anEventsRing()

type Session = { sid: SessionId; version: number; refresh: TokenId; address: string }
type Person = { sub: SubjectId; session: Session | null }

/** Whom and what a history is about, to ask for some of them. */
export type History = Readonly<{
  users: readonly SubjectId[]
  sessions: readonly SessionId[]
  records: Generator<LogRecord>
}>

const seconds = (at: number): EpochSeconds => Math.floor(at / 1_000) as EpochSeconds

const issued = (
  { sub }: Person,
  { sid, refresh, address }: Session,
  at: number,
  replaces: TokenId | null,
): AuthEvent[] =>
  (['access', 'refresh'] as const).map((kind) =>
    event('TokenIssued', {
      ...{ kind, jti: kind === 'refresh' ? refresh : aJti(), sub, client: aClient, sid },
      ...{ iat: seconds(at), exp: seconds(at + (kind === 'access' ? 300_000 : 86_400_000)) },
      ...{ replaces: kind === 'refresh' ? replaces : null },
      ...{ cause: replaces === null ? 'login' : 'refresh', address, agent: 'Mozilla/5.0' },
    }),
  )

const ended = ({ sub }: Person, { sid }: Session, at: number, rotated: TokenId | null): AuthEvent =>
  event('TokenRevoked', {
    ...{ scope: rotated ? 'token' : 'session', reason: rotated ? 'rotated' : 'logout' },
    ...{ key: rotated ? `jti:${rotated}` : `sid:${sid}`, cutoff: null, sub, sid },
    ...{ revokedAt: later(at - noon), expiresAt: later(at - noon + 300_000), refresh: null },
    ...noAct,
  })

/** One commit of somebody: a login, a refresh, or one in forty times a logout. */
const commitOf = (dice: Dice, person: Person, at: number, sessions: SessionId[]): AuthEvent[] => {
  const { session } = person
  if (session === null) {
    const address = `192.0.${dice.below(200)}.${dice.below(8)}`
    person.session = { sid: aSid(), version: 0, refresh: aJti(), address }
    sessions.push(person.session.sid)
    return issued(person, person.session, at, null)
  }
  session.version += 1
  if (dice.below(40) === 0) return [ended(person, session, at, null)]
  const replaced = session.refresh
  session.refresh = aJti()
  return [ended(person, session, at, replaced), ...issued(person, session, at, replaced)]
}

/** `count` signed events of `people` within a month, in the order of their time. */
export const sessionHistory = (count: number, people: number): History => {
  const dice = new Dice('session-history')
  const crowd: Person[] = Array.from({ length: people }, () => ({ sub: aSub(), session: null }))
  const sessions: SessionId[] = []
  const records = function* (): Generator<LogRecord> {
    for (let told = 0; told < count; ) {
      const at = noon + Math.floor((told / count) * spanMs)
      const person = dice.pick(crowd)
      const events = commitOf(dice, person, at, sessions)
      const { sid, version } = person.session as Session
      if (events.length === 1) person.session = null
      for (const [index, one] of events.entries()) {
        const id = `s/${sid}:${version}:${index}` as EventId
        yield signed(ring, encodeEvent(source, { id, at: later(at - noon), event: one }))
      }
      told += events.length
    }
  }
  return { users: crowd.map(({ sub }) => sub), sessions, records: records() }
}
