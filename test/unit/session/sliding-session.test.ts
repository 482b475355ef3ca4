import type { Commit, Epoch } from '../../../shared/events/commit.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { msOf, secondsOf } from '../../../shared/kernel/ids.ts'
import { noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import { endSession, isLive } from '../../../shared/session/end-session.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import {
  decideSlide,
  openSliding,
  type SlideDecision,
} from '../../../shared/session/sliding-session.ts'
import { aClaim, aClient, aJti, aSid, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { ask, at, dayMs, opened, policyWith, secondMs, stored } from './session-builders.ts'

const jti = aJti()
const begun = (epoch: Epoch = noCutoffs, policy = policyWith()) =>
  openSliding(
    {
      ...{ sid: aSid(), sub: aSub(), client: aClient, epoch, jti },
      ...{ arrival: at(0), now: at(0), claim: aClaim(), origin: noOrigin },
    },
    policy,
  )

type Asked = Readonly<{
  jti: typeof jti
  tokenEnded: boolean
  cutoffs: Epoch
  policy: SessionPolicy
}>
const renew = (
  newest: Commit | null,
  arrivalMs: number,
  { cutoffs = noCutoffs, policy = policyWith(), ...over }: Partial<Asked> = {},
): SlideDecision => {
  const when = { arrival: at(arrivalMs), now: at(arrivalMs) }
  const request = { jti, tokenEnded: false, ...when, claim: aClaim(), origin: noOrigin, ...over }
  return decideSlide(newest, cutoffs, request, policy)
}
const inserted = (decision: SlideDecision) => {
  if (decision.decide !== 'insert') throw new Error(`decided ${decision.decide}`)
  return decision.commit
}
const dead = { decide: 'refused', why: 'dead' }
const unknown = { decide: 'refused', why: 'unknown' }

claims('sliding sessions', {
  'a login issues one token, with two ends': () => {
    const { session, events, kind } = begun()
    const iat = secondsOf(at(0))
    assert.equal(session.sliding, {
      token: { jti, iat, exp: iat + 300 },
      refreshExp: iat + 86_400,
    })
    assert.equal(
      events.map(({ type, data }) => [type, 'kind' in data && data.kind]),
      [['TokenIssued', 'sliding']],
    )
    assert.is(kind, 'o')
  },

  'a renewal keeps id and refresh_exp, moves exp, and remembers the greatest exp': () => {
    const first = begun()
    const next = inserted(renew(stored(first), 200 * secondMs))
    assert.is(next.id.v, 1)
    assert.is(next.session.sliding.token.jti, jti)
    assert.is(next.session.sliding.refreshExp, first.session.sliding.refreshExp)
    assert.is(next.session.sliding.token.exp, secondsOf(at(500 * secondMs)))
    assert.is(next.session.accessExpMax, next.session.sliding.token.exp)
    const shorter = policyWith({ slidingLifetimeMs: 10 * secondMs })
    const last = inserted(renew(stored(next), 210 * secondMs, { policy: shorter }))
    assert.is(last.session.accessExpMax, next.session.accessExpMax)
    assert.is(last.expiresAt, next.expiresAt)
  },

  'the end of a session outlives every token that was issued': () => {
    const next = inserted(renew(stored(begun()), 200 * secondMs))
    const newest = stored(next)
    if (!isLive(newest)) throw new Error('not alive')
    const command = { reason: 'logout', now: at(201_000), claim: aClaim() } as const
    const [revoked] = endSession(newest, { ...command, origin: noOrigin }).events
    if (revoked?.type !== 'TokenRevoked') throw new Error('nothing was revoked')
    assert.ok(revoked.data.expiresAt > msOf(next.session.sliding.token.exp))
    assert.is(revoked.data.refresh, null)
  },

  'within a second, or for a request that came late, the newest token is the answer': () => {
    const next = inserted(renew(stored(begun()), 200 * secondMs))
    const { session } = next
    assert.equal(renew(stored(next), 200 * secondMs + 999), { decide: 'same', session })
    assert.equal(renew(stored(next), 199 * secondMs), { decide: 'same', session })
    assert.is(renew(stored(next), 201 * secondMs).decide, 'insert')
  },

  'nothing is renewed that ended, alone, with its session, or by a cutoff': () => {
    const newest = stored(begun())
    assert.equal(renew(newest, 1_000, { tokenEnded: true }), dead)
    for (const cutoffs of [
      { ...noCutoffs, sub: 0 },
      { ...noCutoffs, client: 0 },
      { ...noCutoffs, all: 0 },
    ]) {
      assert.equal(renew(newest, 1_000, { cutoffs }), dead)
    }
    assert.is(renew(stored(begun({ sub: 0, client: 0, all: 0 })), 1_000).decide, 'insert')
    if (!isLive(newest)) throw new Error('not alive')
    const command = { reason: 'logout', now: at(500), claim: aClaim(), origin: noOrigin } as const
    assert.equal(renew(stored(endSession(newest, command)), 1_000), dead)
  },

  // asvs: 10.4.8
  'the greatest age of a session bounds both ends, and then nothing is renewed': () => {
    const policy = policyWith({ sessionMaxLifetimeMs: 400 * secondMs })
    const first = begun(noCutoffs, policy)
    assert.is(first.session.sliding.refreshExp, secondsOf(at(400 * secondMs)))
    const next = inserted(renew(stored(first), 200 * secondMs, { policy }))
    assert.is(next.session.sliding.token.exp, secondsOf(at(400 * secondMs)))
    assert.equal(renew(stored(next), 399 * secondMs, { policy }), dead)
  },

  'an id that the stream does not hold, no stream, and a session of a pair are unknown': () => {
    assert.equal(renew(stored(begun()), 1_000, { jti: aJti() }), unknown)
    assert.equal(renew(null, 1_000), unknown)
    assert.equal(renew(opened(), 1_000), unknown)
    const token = { version: 0, jti }
    assert.equal(ask(stored(begun()), { token, arrival: dayMs }), unknown)
  },
})
