import fc from 'fast-check'
import {
  includesEvent,
  subjectsMax,
  withRule,
} from '../../../../../services/gateway/ssf/streams/subject-rules.ts'
import { event, noAct } from '../../../../../shared/events/event.ts'
import type { SessionId, SubjectId } from '../../../../../shared/kernel/ids.ts'
import type { Receiver, SubjectRule } from '../../../../../shared/ports/receivers.ts'
import { aRevoked } from '../../../../support/fakes/builders.ts'
import { assert, claims } from '../../../../support/suite.ts'

type Subjects = Receiver['subjects']

const users = ['ann', 'bob'] as SubjectId[]
const sessions = ['s1', 's2'] as SessionId[]
const ended = (sub: SubjectId | null, sid: SessionId | null) => ({
  ...aRevoked(),
  data: { ...aRevoked().data, sub, sid },
})
const [ann, bob] = users as [SubjectId, SubjectId]
const [s1, s2] = sessions as [SessionId, SessionId]
const events = [...users, null].flatMap((sub) => [...sessions, null].map((sid) => ended(sub, sid)))
const everybody = ended(null, null)

const rule = (told: boolean, user: string | null, session: string | null = null): SubjectRule => ({
  user,
  session,
  told,
})
const after = (all: boolean, ...rules: readonly SubjectRule[]): Subjects => {
  let subjects: Subjects = { all, rules: [] }
  for (const one of rules) {
    const next = withRule(subjects, one)
    assert.is.not(next, 'full')
    if (next !== 'full') subjects = next
  }
  return subjects
}

/** As `withRule`, but it keeps every rule. */
const kept = (all: boolean, ...rules: readonly SubjectRule[]): Subjects => {
  let list: readonly SubjectRule[] = []
  for (const one of rules) {
    const others = list.filter(({ user, session }) => user !== one.user || session !== one.session)
    list = [...others, one]
  }
  return { all, rules: list }
}

const someRule = fc
  .record({
    user: fc.constantFrom<string | null>(...users, null),
    session: fc.constantFrom<string | null>(...sessions, null),
    told: fc.boolean(),
  })
  .filter(({ user, session }) => user !== null || session !== null)

claims('subjects of a stream', {
  'that are removed are told of nothing; what ends more than them is told': () => {
    const subjects = after(true, rule(false, ann))
    assert.is(includesEvent(subjects, ended(ann, s1)), false)
    assert.is(includesEvent(subjects, ended(ann, null)), false)
    assert.is(includesEvent(subjects, event('PasswordChanged', { sub: ann, ...noAct })), false)
    assert.is(includesEvent(subjects, ended(bob, s1)), true)
    assert.is(includesEvent(subjects, everybody), true)
  },

  'that are added are told of all that may concern them, and nobody else is': () => {
    const subjects = after(false, rule(true, ann, s1))
    assert.is(includesEvent(subjects, ended(ann, s1)), true)
    assert.is(includesEvent(subjects, ended(ann, null)), true)
    assert.is(includesEvent(subjects, everybody), true)
    assert.is(includesEvent(subjects, ended(ann, s2)), false)
    assert.is(includesEvent(subjects, ended(bob, null)), false)
    assert.is(includesEvent(after(false), everybody), false)
  },

  'follow the newest rule, and one that is taken back leaves nothing behind': () => {
    const subjects = after(true, rule(false, ann), rule(true, ann, s1))
    assert.is(includesEvent(subjects, ended(ann, s1)), true)
    assert.is(includesEvent(subjects, ended(ann, s2)), false)
    assert.equal(after(true, rule(false, ann), rule(true, ann)), { all: true, rules: [] })
    assert.equal(after(false, rule(true, ann), rule(false, ann)), { all: false, rules: [] })
    assert.equal(after(false, rule(false, bob)), { all: false, rules: [] })
  },

  'that are left out change nothing': () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(someRule, { maxLength: 8 }), (all, rules) => {
        const [short, long] = [after(all, ...rules), kept(all, ...rules)]
        for (const one of events) assert.is(includesEvent(short, one), includesEvent(long, one))
      }),
    )
  },

  'are bounded, and one that is there may change': () => {
    const many = Array.from({ length: subjectsMax }, (_, index) => rule(false, `u${index}`))
    const full = after(true, ...many)
    assert.is(withRule(full, rule(false, 'one more')), 'full')
    assert.is.not(withRule(full, rule(true, 'u7')), 'full')
    assert.is.not(withRule(full, rule(false, 'u7')), 'full')
  },
})
