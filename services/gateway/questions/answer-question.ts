import { noFilter } from '../../../shared/events/audit-terms.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
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
import {
  coverageBody,
  heldBody,
  newAddressBody,
  refusalBody,
  tokenBody,
  usedAfterBody,
} from './answer-bodies.ts'
import { coverageOf } from './coverage.ts'
import { guardRefusals } from './guard-refusals.ts'
import { newAddresses } from './new-addresses.ts'
import type { Rows } from './question-rows.ts'
import { tokensOf } from './session-tokens.ts'
import { sessionsHeldAt } from './sessions-held.ts'
import { usedAfter, usedAfterCursor } from './used-after.ts'

/** What somebody did to others, and what they read. */
export const actsOf = async (
  asking: Asking,
  actor: string,
  page: Page,
): Promise<Rows<ReadEvent>> => {
  const { events, next } = await pageOf(asking, { actor }, page)
  return { rows: events, next }
}

/** What auditors ask; ids, and no names. */
export type Question =
  /** Who held a live session or token at this instant; `null`: of everybody. */
  | Readonly<{ ask: 'held'; user: string | null; at: EpochMs }>
  /** Every token of a session, from first to last. */
  | Readonly<{ ask: 'tokens'; session: string }>
  /** What an administrator, a service or a command line did. */
  | Readonly<{ ask: 'acts'; actor: string }>
  /** How long after each revocation the slowest guard refused; which guards were stale. */
  | Readonly<{ ask: 'refusals'; user: string | null }>
  /** Which tokens were used after their revocation: there must be none. */
  | Readonly<{ ask: 'used-after'; user: string | null }>
  /** Logins from an address that was new for the user. */
  | Readonly<{ ask: 'new-addresses'; user: string | null }>

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
  policy: SessionPolicy,
  question: Question,
  asked: AskedPage,
): Promise<Answered> => {
  const after: AuditPlace | null = asked.after === null ? null : placeOf(asked.after)
  const page: Page = { ...asked, after }
  switch (question.ask) {
    case 'held': {
      const { limit } = page
      return bodies(await sessionsHeldAt(asking, policy, { ...question, after, limit }), heldBody)
    }
    case 'tokens':
      return bodies(await tokensOf(asking, question.session, page), tokenBody)
    case 'acts':
      return bodies(await actsOf(asking, question.actor, page), eventBody)
    case 'refusals':
      return bodies(await guardRefusals(asking, question.user, page), refusalBody)
    case 'new-addresses':
      return bodies(await newAddresses(asking, question.user, page), newAddressBody)
    case 'used-after': {
      const cursor = asked.after === null ? null : usedAfterCursor(asked.after)
      const found = await usedAfter(asking, policy, question.user, { ...asked, after: cursor })
      const { rows, next, checked } = found
      return { rows: rows.map(usedAfterBody), next, checked }
    }
  }
}

/** One page of the answer, and for which time it has all. @throws AuthError AUDIT_UNFILLED */
export const answerQuestion = async (
  asking: Asking,
  policy: SessionPolicy,
  question: Question,
  page: AskedPage,
): Promise<Answer> => {
  // Before the rows: what comes in between is in them and not promised.
  const complete = coverageBody(await coverageOf(asking))
  return { ...(await answered(asking, policy, question, page)), complete }
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
