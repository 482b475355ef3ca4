import { replacementInstant } from '../../../shared/session/decide-refresh.ts'
import { recentMax } from '../../../shared/session/session-policy.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  ask,
  at,
  currentOf,
  nth,
  opened,
  policyWith,
  refreshedAt,
  sessionOf,
} from './session-builders.ts'

/** One more rotation within a second than are carried along, and one to be the newest. */
const instants = Array.from({ length: recentMax + 2 }, (_, index) => 1_000 + index * 100)
const commits = refreshedAt(opened(), instants)
const newest = nth(commits, -1)
const first = currentOf(nth(commits, 0))
const superseded = { decide: 'superseded' }

claims('decideRefresh: more rotations within the grace than a commit carries', {
  'a commit carries at most so many predecessors, the newest ones': () => {
    const { recent } = sessionOf(newest)
    assert.is(recent.length, recentMax)
    assert.equal(recent.at(-1)?.version, newest.id.v - 1)
  },

  'a token that may have been pushed out is looked up, not judged': () => {
    assert.equal(ask(newest, { token: first, arrival: 2_500 }), { decide: 'look_up', version: 0 })
  },

  'the answer within the grace is 409; after it, or longer ago than commits are kept, reuse':
    () => {
      const asked = { token: first, arrival: 10_999 }
      assert.equal(ask(newest, { ...asked, replacedAt: at(1_000) }), superseded)
      assert.is(ask(newest, { ...asked, arrival: 11_000, replacedAt: at(1_000) }).decide, 'reuse')
      assert.is(ask(newest, { ...asked, replacedAt: null }).decide, 'reuse')
    },

  'nothing is looked up once the oldest one carried is out of the grace': () => {
    const oldest = nth(sessionOf(newest).recent, 0)
    const arrival = oldest.at - at(0) + policyWith().graceMs
    assert.is(ask(newest, { token: first, arrival }).decide, 'reuse')
  },

  'nothing is looked up when the list has room: what it lacks was replaced long ago': () => {
    const old = refreshedAt(opened(), [1_000, 100_000, 100_100])
    const decision = ask(nth(old, -1), { token: currentOf(nth(old, 0)), arrival: 100_200 })
    assert.is(decision.decide, 'reuse')
  },

  'the instant is that of the first later commit that names another current token': () => {
    assert.is(replacementInstant(0, commits.slice(1)), at(1_000))
    assert.is(replacementInstant(3, commits.slice(4)), nth(commits, 4).at)
  },

  'commits that left the token current are passed over; all such: read on': () => {
    const rotateOff = policyWith({ rotate: false })
    const login = opened()
    const kept = refreshedAt(login, [1_000, 2_000], rotateOff)
    assert.is(replacementInstant(0, kept.slice(1)), 'read_on')
    const replaced = nth(refreshedAt(nth(kept, -1), [3_000]), 1)
    assert.is(replacementInstant(0, [...kept.slice(1), replaced]), at(3_000))
  },

  'a pruned stream does not know: the next version is gone': () => {
    assert.is(replacementInstant(0, []), null)
    assert.is(replacementInstant(0, commits.slice(2)), null)
  },
})
