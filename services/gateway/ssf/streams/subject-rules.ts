import type { AuthEvent } from '../../../../shared/events/event.ts'
import type { Receiver, Subject, SubjectRule } from '../../../../shared/ports/receivers.ts'

/** They are read with their receiver, twice a second. */
export const subjectsMax = 256

type Subjects = Receiver['subjects']

/** The subject of an event; a member is `null` if the event does not say it. */
const subjectOfEvent = (event: AuthEvent): Subject => {
  switch (event.type) {
    case 'TokenRevoked':
      return { user: event.data.sub, session: event.data.sid }
    case 'PasswordChanged':
      return { user: event.data.sub, session: null }
    default:
      return { user: null, session: null }
  }
}

/** Whether two subjects may be the same (SSF 1.0, 8.1.3.1): a member that is absent matches all. */
const overlaps = (one: Subject, other: Subject): boolean =>
  (one.user === null || other.user === null || one.user === other.user) &&
  (one.session === null || other.session === null || one.session === other.session)

/** Whether `inner` lies within `outer`. The end of everyone's sessions is within no user's. */
const isWithin = (inner: Subject, outer: Subject): boolean =>
  (outer.user === null || inner.user === outer.user) &&
  (outer.session === null || inner.session === outer.session)

/**
 * Whether `event` is sent to a stream. The newest rule that matches decides; without one, what the
 * stream began with. In doubt it is sent: an added subject matches every event that may concern it,
 * a removed one only events that concern nobody else. Pure.
 */
export const includesEvent = ({ all, rules }: Subjects, event: AuthEvent): boolean => {
  const subject = subjectOfEvent(event)
  const newest = rules.findLast((rule) =>
    rule.told ? overlaps(subject, rule) : isWithin(subject, rule),
  )
  return newest?.told ?? all
}

const isSame = (one: Subject, other: Subject): boolean =>
  one.user === other.user && one.session === other.session

/**
 * `subjects` with one more rule, which replaces an older one for the same subject. A rule that
 * would change nothing is left out. `full` beyond `subjectsMax`. Pure.
 */
export const withRule = ({ all, rules }: Subjects, rule: SubjectRule): Subjects | 'full' => {
  const others = rules.filter((one) => !isSame(one, rule))
  const isNeeded =
    rule.told !== all || others.some((one) => one.told !== rule.told && overlaps(one, rule))
  if (!isNeeded) return { all, rules: others }
  return others.length >= subjectsMax ? 'full' : { all, rules: [...others, rule] }
}
