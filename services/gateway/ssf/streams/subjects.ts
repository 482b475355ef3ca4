import type { AuthEvent } from '../../../../shared/events/event.ts'
import type { Receiver, Subject, SubjectRule } from '../../../../shared/ports/receivers.ts'

/** Each is read with its receiver, twice a second. */
export const subjectsMax = 256

type Subjects = Receiver['subjects']

/** What an event is about, as far as it says: both `null` = whoever is concerned. */
const aboutOf = (event: AuthEvent): Subject => {
  switch (event.type) {
    case 'TokenRevoked':
      return { user: event.data.sub, session: event.data.sid }
    case 'PasswordChanged':
      return { user: event.data.sub, session: null }
    default:
      return { user: null, session: null }
  }
}

/** SSF 1.0, 8.1.3.1: what one of the two does not say is no difference. */
const overlaps = (one: Subject, other: Subject): boolean =>
  (one.user === null || other.user === null || one.user === other.user) &&
  (one.session === null || other.session === null || one.session === other.session)

/** Whether all that `inner` is about is `outer`: everybody's end is not only a removed user's. */
const isWithin = (inner: Subject, outer: Subject): boolean =>
  (outer.user === null || inner.user === outer.user) &&
  (outer.session === null || inner.session === outer.session)

/**
 * Whether a stream is told of `event`: by the newest rule that concerns it, else by what it began
 * with. When in doubt it is told: an event that may concern an added subject, and one that
 * concerns more than a removed one. Pure.
 */
export const isTold = ({ all, rules }: Subjects, event: AuthEvent): boolean => {
  const about = aboutOf(event)
  const rule = rules.findLast((one) => (one.told ? overlaps(about, one) : isWithin(about, one)))
  return rule?.told ?? all
}

const isSame = (one: Subject, other: Subject): boolean =>
  one.user === other.user && one.session === other.session

/**
 * `subjects` with a rule more, which takes the place of an older one for the same subject; without
 * it, where nothing would be told otherwise. `full` beyond `subjectsMax`. Pure.
 */
export const withRule = ({ all, rules }: Subjects, rule: SubjectRule): Subjects | 'full' => {
  const others = rules.filter((one) => !isSame(one, rule))
  const isNeeded =
    rule.told !== all || others.some((one) => one.told !== rule.told && overlaps(one, rule))
  if (!isNeeded) return { all, rules: others }
  return others.length >= subjectsMax ? 'full' : { all, rules: [...others, rule] }
}
