import type { Commit } from '../../../shared/events/commit.ts'
import type { RefreshDecision } from '../../../shared/session/decide-refresh.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  ask,
  currentOf,
  inserted,
  nth,
  opened,
  policyWith,
  refreshedAt,
  sessionOf,
} from './session-builders.ts'

const on = policyWith()
const off = policyWith({ blacklistAfterRotation: false })
const keeping = policyWith({ rotate: false })
const unlisted = { decide: 'refused', why: 'unlisted' }
const superseded = { decide: 'superseded' }

const hour = 3_600_000
/** One rotation an hour under each of the policies in turn; the login first. */
const through = (...policies: readonly (typeof on)[]): readonly Commit[] => {
  const commits = [opened()]
  for (const [index, policy] of policies.entries()) {
    commits.push(nth(refreshedAt(nth(commits, -1), [(index + 1) * hour], policy), 1))
  }
  return commits
}
/** What becomes, long after, of the token that commit `index` issued. */
const later = (commits: readonly Commit[], index: number, policy = on): RefreshDecision =>
  ask(nth(commits, -1), { token: currentOf(nth(commits, index)), arrival: 24 * hour, policy })

claims('rotation off', {
  'each refresh gives a new access token and keeps the refresh token': () => {
    const login = opened()
    const decision = ask(login, { token: currentOf(login), arrival: 1_000, policy: keeping })
    const next = inserted(decision)
    assert.is(decision.decide === 'insert' && decision.rotated, false)
    assert.equal(sessionOf(next).current, sessionOf(login).current)
    assert.is.not(sessionOf(next).access.jti, sessionOf(login).access.jti)
    assert.equal(
      next.events.map((event) => event.type === 'TokenIssued' && event.data.kind),
      ['access'],
    )
    assert.is(next.id.v, 1)
  },

  'switching it on later rotates the same token, whose version the commits have passed': () => {
    const commits = through(keeping, keeping)
    const rotated = inserted(later(commits, 0, on))
    assert.is(rotated.id.v, 3)
    assert.is(sessionOf(rotated).current.version, 3)
    const again = ask(rotated, { token: currentOf(nth(commits, 0)), arrival: 24 * hour + 1 })
    assert.is(again.decide, 'replay')
  },
})

claims('blacklist after rotation off', {
  'predecessors stay good, and nothing says that they were revoked': () => {
    const commits = through(off, off)
    assert.is(later(commits, 0, off).decide, 'insert')
    assert.is(later(commits, 1, off).decide, 'insert')
    const told = commits.flatMap(({ events }) => events).map(({ type }) => type)
    assert.not(told.includes('TokenRevoked'))
  },

  'switched on: they get a plain 401, never reuse': () => {
    const commits = through(off, off, on)
    assert.equal(later(commits, 0), unlisted)
    assert.equal(later(commits, 1), unlisted)
    assert.is(later(commits, 2).decide, 'reuse')
  },

  'on, then off: tokens rotated while it was on do not come back': () => {
    const commits = through(on, off, off)
    assert.is.not(later(commits, 0, off).decide, 'insert')
    assert.is(later(commits, 1, off).decide, 'insert')
    assert.is(later(commits, 2, off).decide, 'insert')
  },

  'off, on, off: those of the first time are harmless, those of the time between do not come back':
    () => {
      const commits = through(off, off, on, off)
      for (const index of [0, 1]) {
        assert.is.not(later(commits, index, off).decide, 'reuse', `${index} off`)
        assert.is.not(later(commits, index, on).decide, 'reuse', `${index} on`)
      }
      assert.is.not(later(commits, 2, off).decide, 'insert')
      assert.is(later(commits, 3, off).decide, 'insert')
      assert.equal(later(commits, 3, on), unlisted)
    },

  'any row of switches: what was superseded while it was off never ends the session': () => {
    for (let bits = 0; bits < 64; bits += 1) {
      const policies = Array.from({ length: 6 }, (_, index) => ((bits >> index) & 1 ? on : off))
      const commits = through(...policies)
      for (const [index, policy] of policies.entries()) {
        for (const now of [on, off]) {
          const { decide } = later(commits, index, now)
          const row = policies.map((one) => (one === on ? 'on' : 'off')).join()
          const why = `${row}, token ${index} under ${now === on ? 'on' : 'off'}`
          if (policy === off) assert.is.not(decide, 'reuse', why)
          else assert.is.not(decide, 'insert', why)
        }
      }
    }
  },

  'switching off within the grace harms no tab: its token is superseded, the session lives': () => {
    const login = opened()
    const rotated = nth(refreshedAt(login, [1_000], on), 1)
    const unblacklisted = nth(refreshedAt(rotated, [2_000], off), 1)
    const token = currentOf(login)
    assert.equal(ask(unblacklisted, { token, arrival: 3_000, policy: off }), superseded)
    assert.equal(ask(unblacklisted, { token, arrival: 3_000, policy: on }), superseded)
  },
})
