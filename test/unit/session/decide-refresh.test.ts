import { noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import { endSession } from '../../../shared/session/end-session.ts'
import { aClaim, aJti } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  ask,
  at,
  currentOf,
  inserted,
  live,
  nth,
  opened,
  policyWith,
  refreshedAt,
  secondMs,
  sessionOf,
  stored,
} from './session-builders.ts'

const unknown = { decide: 'refused', why: 'unknown' }
const dead = { decide: 'refused', why: 'dead' }
const superseded = { decide: 'superseded' }

claims('decideRefresh: which token it is', {
  'the current token inserts newest + 1, which ends it and names its successor': () => {
    const login = opened()
    const decision = ask(login, { token: currentOf(login), arrival: secondMs })
    const next = inserted(decision)
    assert.is(next.id.v, 1)
    assert.is(next.id.s, login.id.s)
    assert.is(decision.decide === 'insert' && decision.rotated, true)
    const [revoked, refresh, access] = next.events
    assert.is(revoked?.type === 'TokenRevoked' && revoked.data.reason, 'rotated')
    assert.is(revoked?.type === 'TokenRevoked' && revoked.data.key, `jti:${currentOf(login).jti}`)
    assert.is(refresh?.type === 'TokenIssued' && refresh.data.replaces, currentOf(login).jti)
    assert.is(refresh?.type === 'TokenIssued' && refresh.data.jti, currentOf(next).jti)
    assert.is(access?.type === 'TokenIssued' && access.data.kind, 'access')
    assert.is(next.kind, 'o')
  },

  // asvs: 2.3.1
  'the current version with another jti is unknown, never an insert': () => {
    const login = opened()
    assert.equal(ask(login, { token: { version: 0, jti: aJti() }, arrival: 1 }), unknown)
  },

  // asvs: 2.3.1
  'a session without commits is unknown, never the begin of a stream': () => {
    assert.equal(ask(null, { token: { version: 0, jti: aJti() }, arrival: 1 }), unknown)
  },

  'a stream that is older than the token is unknown: a restored store begins no second branch':
    () => {
      const commits = refreshedAt(opened(), [1_000, 2_000])
      const lost = currentOf(nth(commits, 2))
      assert.equal(ask(nth(commits, 0), { token: lost, arrival: 3_000 }), unknown)
    },

  'a version between the current token and the newest commit is unknown: no token has it': () => {
    const rotateOff = policyWith({ rotate: false })
    const commits = refreshedAt(opened(), [1_000], rotateOff)
    const token = { version: 1, jti: aJti() }
    assert.equal(ask(nth(commits, 1), { token, arrival: 2_000 }), unknown)
  },

  'a recent version with another jti is unknown': () => {
    const commits = refreshedAt(opened(), [1_000])
    const token = { version: 0, jti: aJti() }
    assert.equal(ask(nth(commits, 1), { token, arrival: 1_500 }), unknown)
  },
})

claims('decideRefresh: dead sessions', {
  'a dead session refuses its current token and every earlier one, without an event': () => {
    const commits = refreshedAt(opened(), [1_000, 2_000])
    const end = { reason: 'logout', now: at(3_000), claim: aClaim() } as const
    const origin = { address: null, agent: null }
    const ended = stored(endSession(live(nth(commits, 2)), { ...end, origin }))
    for (const commit of commits) {
      assert.equal(ask(ended, { token: currentOf(commit), arrival: 3_001 }), dead)
      assert.equal(ask(ended, { token: currentOf(commit), arrival: 3_600_000 }), dead)
    }
  },

  'a session below any one of the three cutoffs is dead': () => {
    const login = opened({ sub: 3, client: 2, all: 5 })
    const token = currentOf(login)
    const met = { sub: 3, client: 2, all: 5 }
    assert.is(ask(login, { token, arrival: 1, cutoffs: met }).decide, 'insert')
    assert.equal(ask(login, { token, arrival: 1, cutoffs: { ...met, sub: 4 } }), dead)
    assert.equal(ask(login, { token, arrival: 1, cutoffs: { ...met, client: 3 } }), dead)
    assert.equal(ask(login, { token, arrival: 1, cutoffs: { ...met, all: 6 } }), dead)
  },

  'a session born under no cutoff is dead from the first one, which is version 0': () => {
    const login = opened()
    const cutoffs = { ...noCutoffs, sub: 0 }
    assert.equal(ask(login, { token: currentOf(login), arrival: 1, cutoffs }), dead)
  },

  'a reused token of a session below a cutoff is no reuse: nobody is warned of the dead': () => {
    const commits = refreshedAt(opened(), [1_000])
    const token = currentOf(nth(commits, 0))
    const cutoffs = { ...noCutoffs, all: 0 }
    assert.equal(ask(nth(commits, 1), { token, arrival: 60_000, cutoffs }), dead)
  },
})

claims('decideRefresh: an earlier token', {
  'the direct predecessor within the grace, its successor unused, is answered that successor':
    () => {
      const commits = refreshedAt(opened(), [1_000])
      const newest = nth(commits, 1)
      const decision = ask(newest, { token: currentOf(nth(commits, 0)), arrival: 10_999 })
      assert.equal(decision, { decide: 'replay', session: sessionOf(newest) })
    },

  'the direct predecessor is superseded once its successor was used, though the grace runs': () => {
    const commits = refreshedAt(opened(), [1_000, 1_200])
    const token = currentOf(nth(commits, 0))
    assert.equal(ask(nth(commits, 2), { token, arrival: 1_300 }), superseded)
  },

  'a successor used for an access token only counts as used too': () => {
    const login = opened()
    const rotated = nth(refreshedAt(login, [1_000]), 1)
    const used = nth(refreshedAt(rotated, [2_000], policyWith({ rotate: false })), 1)
    assert.equal(ask(used, { token: currentOf(login), arrival: 3_000 }), superseded)
  },

  'each earlier one that is carried along is superseded within its own grace': () => {
    const commits = refreshedAt(opened(), [1_000, 2_000, 3_000, 4_000])
    for (const index of [0, 1, 2]) {
      const token = currentOf(nth(commits, index))
      assert.equal(ask(nth(commits, 4), { token, arrival: 5_000 }), superseded)
    }
    const first = ask(nth(commits, 4), { token: currentOf(nth(commits, 0)), arrival: 11_000 })
    assert.is(first.decide, 'reuse')
    const second = ask(nth(commits, 4), { token: currentOf(nth(commits, 1)), arrival: 11_000 })
    assert.equal(second, superseded)
  },

  'after the grace it is reuse: one commit tells it, and ends the session for every guard': () => {
    const commits = refreshedAt(opened(), [1_000])
    const newest = nth(commits, 1)
    const token = currentOf(nth(commits, 0))
    const decision = ask(newest, { token, arrival: 11_000 })
    if (decision.decide !== 'reuse') throw new Error(decision.decide)
    const { commit } = decision
    const [detected, revoked] = commit.events
    assert.is(commit.events.length, 2)
    assert.is(detected?.type, 'ReuseDetected')
    assert.is(detected?.type === 'ReuseDetected' && detected.data.jti, token.jti)
    assert.is(detected?.type === 'ReuseDetected' && detected.data.version, token.version)
    assert.is(detected?.type === 'ReuseDetected' && detected.data.address, '192.0.2.7')
    assert.is(revoked?.type === 'TokenRevoked' && revoked.data.scope, 'session')
    assert.is(revoked?.type === 'TokenRevoked' && revoked.data.reason, 'reuse')
    assert.is(commit.kind, 'r')
    assert.is(commit.id.v, newest.id.v + 1)
    assert.is(commit.session?.status, 'dead')
  },

  'the grace is judged by the arrival: waiting in the gateway makes nobody a thief': () => {
    const commits = refreshedAt(opened(), [1_000])
    const token = currentOf(nth(commits, 0))
    const waited = ask(nth(commits, 1), { token, arrival: 10_999, now: 31_000 })
    assert.is(waited.decide, 'replay')
    assert.is(ask(nth(commits, 1), { token, arrival: 11_000 }).decide, 'reuse')
  },

  'a request that came before the rotation and is decided after it is within the grace': () => {
    const commits = refreshedAt(opened(), [1_000])
    const token = currentOf(nth(commits, 0))
    assert.is(ask(nth(commits, 1), { token, arrival: 900, now: 1_001 }).decide, 'replay')
  },

  'with grace 0 nothing is within it, not even the same instant': () => {
    const strict = policyWith({ graceMs: 0 })
    const commits = refreshedAt(opened(), [1_000], strict)
    const token = currentOf(nth(commits, 0))
    const asked = { token, arrival: 1_000, policy: strict }
    assert.is(ask(nth(commits, 1), asked).decide, 'reuse')
  },
})
