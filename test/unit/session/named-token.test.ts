import { noOrigin } from '../../../shared/events/event.ts'
import { endSession } from '../../../shared/session/end-session.ts'
import { aClaim, aJti } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  ask,
  at,
  currentOf,
  live,
  nth,
  opened,
  policyWith,
  refreshedAt,
  secondMs,
  stored,
} from './session-builders.ts'

const tokenEnded = true

claims('decideRefresh: a token that was named by its id', {
  'ends its session where it would have lived: current, in its grace, superseded': () => {
    const commits = refreshedAt(opened(), [1_000, 2_000])
    const newest = nth(commits, 2)
    for (const version of [2, 1, 0]) {
      const token = currentOf(nth(commits, version))
      const decision = ask(newest, { token, arrival: 3_000, tokenEnded })
      assert.is(decision.decide, 'revoked', `version ${version}`)
      if (decision.decide !== 'revoked') continue
      const { id, session, events, kind } = decision.commit
      assert.equal([id.v, session?.status, kind], [3, 'dead', 'r'])
      const [ended] = events
      assert.is(ended?.type === 'TokenRevoked' && ended.data.reason, 'revoked')
      assert.is(ended?.type === 'TokenRevoked' && ended.data.scope, 'session')
    }
  },

  'ends its session also where blacklisting after rotation is off': () => {
    const policy = policyWith({ blacklistAfterRotation: false })
    const commits = refreshedAt(opened(), [1_000], policy)
    const asked = { token: currentOf(nth(commits, 0)), arrival: 20 * secondMs, tokenEnded }
    for (const now of [policy, policyWith()]) {
      assert.is(ask(nth(commits, 1), { ...asked, policy: now }).decide, 'revoked')
    }
  },

  'is told as reuse when it is reuse, and changes nothing that is dead or unknown': () => {
    const commits = refreshedAt(opened(), [1_000])
    const newest = live(nth(commits, 1))
    const late = { token: currentOf(nth(commits, 0)), arrival: 60 * secondMs, tokenEnded }
    assert.is(ask(newest, late).decide, 'reuse')
    const stranger = { token: { version: 1, jti: aJti() }, arrival: 2_000, tokenEnded }
    assert.equal(ask(newest, stranger), { decide: 'refused', why: 'unknown' })
    const ending = { reason: 'logout', now: at(2_000), claim: aClaim(), origin: noOrigin } as const
    const ended = stored(endSession(newest, ending))
    const asked = { token: currentOf(newest), arrival: 3_000, tokenEnded }
    assert.equal(ask(ended, asked), { decide: 'refused', why: 'dead' })
    const cutoffs = { sub: 0, client: -1, all: -1 }
    assert.equal(ask(newest, { ...asked, cutoffs }), { decide: 'refused', why: 'dead' })
  },
})
