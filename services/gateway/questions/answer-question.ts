import { noFilter } from '../../../shared/events/audit-terms.ts'
import type { Actor } from '../../../shared/events/event.ts'
import { actorText } from '../../../shared/events/event-actor.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import {
  type Asking,
  eventBody,
  type Page,
  pageOf,
  placeOf,
  placeText,
  type ReadEvent,
  type RecordedReading,
} from '../audit/index.ts'
import { completeFrom } from './complete-from.ts'
import { answeredWithin, type Coverage } from './coverage.ts'
import { guardRefusals, type Refusal } from './guard-refusals.ts'
import { type NewAddress, newAddresses } from './new-addresses.ts'
import type { Question } from './question.ts'
import type { Rows } from './question-rows.ts'
import { type AgeDeps, type SessionAge, sessionAge } from './session-age.ts'
import { type SessionToken, tokensOf } from './session-tokens.ts'
import { type HeldSession, sessionsHeldAt } from './sessions-held.ts'
import type { StaleGuard } from './stale-guards.ts'
import { type UsedAfter, usedAfter, usedAfterCursor } from './used-after.ts'

/** Answers as HTTP and `--json` show them. */

const time = (at: number): string => new Date(at).toISOString()
const timeOrNull = (at: number | null): string | null => (at === null ? null : time(at))
const by = (actor: Actor | null): string | null => actorText(actor)

const coverageBody = ({ from, to }: Coverage) => ({
  from: timeOrNull(from),
  to: timeOrNull(to),
})

const heldBody = ({ sid, sub, client, address, agent, certain, ...held }: HeldSession) => ({
  ...{ user: sub, session: sid, client, address, agent },
  began: time(held.began),
  last_used: time(held.lastUsed),
  tokens: held.tokens.map(({ jti, kind, issuedAt, expiresAt }) => ({
    ...{ jti, kind },
    issued_at: time(issuedAt),
    expires_at: time(expiresAt),
  })),
  certain,
})

const tokenBody = ({ issuedAt, expiresAt, ended, ...token }: SessionToken) => ({
  ...{ jti: token.jti, kind: token.kind, cause: token.cause, replaces: token.replaces },
  issued_at: time(issuedAt),
  expires_at: time(expiresAt),
  ...{ address: token.address, agent: token.agent },
  ended: ended && {
    ...{ at: time(ended.at), reason: ended.reason, by: by(ended.actor), event: ended.event },
  },
  event: token.event,
})

const staleBody = ({ from, to, ...guard }: StaleGuard) => ({
  ...guard,
  from: time(from),
  to: timeOrNull(to),
})

const refusalBody = ({ id, at, key, reason, actor, guards, slowest, stale }: Refusal) => ({
  ...{ revocation: id, time: time(at), key, reason, by: by(actor), guards },
  slowest: slowest && {
    ...{ client: slowest.client, instance: slowest.instance, name: slowest.name },
    max_ms: slowest.maxMs,
  },
  stale: stale.map(staleBody),
})

const usedAfterBody = ({ end, use }: UsedAfter) => ({
  revocation: end.id,
  revoked_at: time(end.at),
  key: end.data.key,
  reason: end.data.reason,
  use: eventBody(use),
})

const newAddressBody = ({ at, sub, sid, client, address, agent, ...login }: NewAddress) => ({
  ...{ time: time(at), user: sub, session: sid, client, address, agent },
  first_login: login.isFirst,
  event: login.event,
})

/** What somebody did to others, and what they read. */
const actsOf = async (asking: Asking, actor: string, page: Page): Promise<Rows<ReadEvent>> => {
  const { events, next } = await pageOf(asking, { actor }, page)
  return { rows: events, next }
}

/** `after` is the `next` of the page before. */
export type AskedPage = Omit<Page, 'after'> & Readonly<{ after: string | null }>

export type Answer = Readonly<{
  rows: readonly object[]
  next: string | null
  complete: ReturnType<typeof coverageBody>
  /** Of `used-after`: how many revocations were looked at. */
  checked?: number
}>

type Answered = Omit<Answer, 'complete'>

/** Whether it is a cursor that an answer to this question may have given. */
export const isCursorOf = ({ ask }: Pick<Question, 'ask'>, text: string): boolean =>
  (ask === 'used-after' ? usedAfterCursor(text) : placeOf(text)) !== null

const bodies = <Row>({ rows, next }: Rows<Row>, body: (row: Row) => object): Answered => ({
  rows: rows.map(body),
  next: next && placeText(next),
})

const answered = async (
  asking: Asking,
  age: SessionAge,
  question: Question,
  asked: AskedPage,
): Promise<Answered> => {
  const after: AuditPlace | null = asked.after === null ? null : placeOf(asked.after)
  const page: Page = { ...asked, after }
  switch (question.ask) {
    case 'held': {
      const { limit } = page
      return bodies(await sessionsHeldAt(asking, age, { ...question, after, limit }), heldBody)
    }
    case 'tokens':
      return bodies(await tokensOf(asking, question.session, page), tokenBody)
    case 'acts':
      return bodies(await actsOf(asking, question.actor, page), eventBody)
    case 'refusals':
      return bodies(await guardRefusals(asking, age, question.user, page), refusalBody)
    case 'new-addresses':
      return bodies(await newAddresses(asking, question.user, page), newAddressBody)
    case 'used-after': {
      const cursor = asked.after === null ? null : usedAfterCursor(asked.after)
      const found = await usedAfter(asking, age, question.user, { ...asked, after: cursor })
      const { rows, next, checked } = found
      return { rows: rows.map(usedAfterBody), next, checked }
    }
  }
}

/** One page of the answer, and for which time it has all. @throws AuthError AUDIT_UNFILLED */
export const answerQuestion = async (
  asking: Asking,
  deps: AgeDeps,
  question: Question,
  page: AskedPage,
): Promise<Answer> => {
  const { answer, coverage } = await answeredWithin(
    asking,
    async (noting) => answered(noting, await sessionAge(noting, deps), question, page),
    async (beginning) => completeFrom(asking, await sessionAge(asking, deps), question, beginning),
  )
  return { ...answer, complete: coverageBody(coverage) }
}

/** How `AuditRead` names a question: by `kind`, which no type of event has. */
export const readingOf = (question: Question, { since, until }: AskedPage): RecordedReading => {
  const { ask } = question
  const told = { ...noFilter, since, until, kind: `question:${ask}` }
  switch (ask) {
    case 'held':
      return { ...told, user: question.user, since: question.at, until: question.at }
    case 'tokens':
      return { ...told, session: question.session }
    case 'acts':
      return { ...told, actor: question.actor }
    default:
      return { ...told, user: question.user }
  }
}
