import { type AuthEvent, event, noAct, noOrigin } from '../../../shared/events/event.ts'
import { type EpochMs, type EpochSeconds, msOf, secondsOf } from '../../../shared/kernel/ids.ts'
import { commitBytesMax, completeCommit } from '../../../shared/session/complete-commit.ts'
import { noCutoffs } from '../../../shared/session/cutoffs-in-force.ts'
import { decideRefresh } from '../../../shared/session/decide-refresh.ts'
import { endSession } from '../../../shared/session/end-session.ts'
import { rotation } from '../../../shared/session/rotation.ts'
import { aClaim, aJti, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import {
  at,
  dayMs,
  live,
  nth,
  opened,
  policyWith,
  refreshedAt,
  secondMs,
  sessionOf,
} from './session-builders.ts'

const minuteMs = 60 * secondMs
const ending = { reason: 'logout', now: at(5_000), origin: noOrigin } as const

claims('lifetimes of a session and of what it leaves', {
  '`iat` and `exp` derive from the arrival, however late the decision is': () => {
    const login = live(opened())
    const request = { arrival: at(1_999), now: at(25_000), origin: noOrigin, claim: aClaim() }
    const ids = { access: aJti(), refresh: aJti() }
    const { access, current } = sessionOf(rotation(login, { ...request, ids }, policyWith()))
    assert.is(access.iat, secondsOf(at(1_999)))
    assert.is(access.exp, secondsOf(at(1_999)) + 900)
    assert.is(current.token.iat, access.iat)
    assert.is(current.token.exp, access.iat + 3 * 86_400)
  },

  // asvs: 7.3.2, 10.4.8
  'no token outlives the greatest age of its session': () => {
    const policy = policyWith({ sessionMaxLifetimeMs: 4 * dayMs })
    const end = secondsOf(at(4 * dayMs))
    const instants = [2 * dayMs, 4 * dayMs - 10 * minuteMs, 4 * dayMs - minuteMs]
    const [login, second, third, last] = refreshedAt(opened(undefined, policy), instants, policy)
    assert.is(login && sessionOf(login).expMax, secondsOf(at(3 * dayMs)))
    assert.is(second && sessionOf(second).current.token.exp, end)
    assert.is(third && sessionOf(third).access.exp, end)
    assert.is(last && sessionOf(last).access.exp, end)
    assert.is(last && sessionOf(last).current.token.exp, end)
  },

  // asvs: 7.3.2, 10.4.8
  'the greatest age counts from the login, not from the last refresh': () => {
    const instants = Array.from({ length: 14 }, (_, index) => (index + 1) * 2 * dayMs)
    for (const { session } of refreshedAt(opened(), instants)) {
      assert.ok(session && session.expMax <= secondsOf(at(30 * dayMs)))
    }
  },

  'a session past its greatest age is dead, whatever leeway let its token through': () => {
    const policy = policyWith({ sessionMaxLifetimeMs: 4 * dayMs })
    const [login] = refreshedAt(opened(undefined, policy), [], policy)
    const newest = login && live(login)
    const token = { version: 0, jti: newest?.session.current.token.jti ?? aJti() }
    const ids = { access: aJti(), refresh: aJti() }
    for (const [ageMs, decide] of [
      [4 * dayMs - 2_000, 'insert'],
      [4 * dayMs + 30_000, 'refused'],
    ] as const) {
      const [arrival, now] = [at(ageMs), at(ageMs)]
      const request = { token, arrival, now, ids, claim: aClaim(), origin: noOrigin }
      assert.is(decideRefresh(newest ?? null, noCutoffs, request, policy).decide, decide)
    }
  },

  'a commit is kept a day beyond the last token of its session': () => {
    const commits = refreshedAt(opened(), [1_000, 2_000])
    for (const { expiresAt, session } of commits) {
      assert.is(expiresAt, session && msOf(session.expMax) + dayMs)
    }
  },

  '`expiresAt` never shrinks, though a setting does: earlier tokens still live': () => {
    const long = nth(refreshedAt(opened(), [1_000]), 1)
    const short = policyWith({ refreshLifetimeMs: minuteMs, accessLifetimeMs: secondMs })
    const after = nth(refreshedAt(long, [2_000], short), 1)
    assert.is(after.expiresAt, long.expiresAt)
    assert.is(sessionOf(after).accessExpMax, sessionOf(long).accessExpMax)
    assert.is(endSession(live(after), { ...ending, claim: aClaim() }).expiresAt, long.expiresAt)
  },

  'an access token alone can move the end too: rotation off, a longer access lifetime': () => {
    const login = opened(undefined, policyWith({ refreshLifetimeMs: minuteMs * 20 }))
    const longer = policyWith({ rotate: false, accessLifetimeMs: dayMs })
    const after = nth(refreshedAt(login, [1_000], longer), 1)
    assert.is(after.expiresAt, at(1_000 + 2 * dayMs))
    assert.is(sessionOf(after).expMax, sessionOf(after).access.exp)
  },
})

claims('endSession', {
  'it ends the session by its id, whichever token is current, in one commit guards must learn':
    () => {
      const newest = nth(refreshedAt(opened(), [1_000, 2_000]), 2)
      const { sid, sub, current, accessExpMax } = sessionOf(newest)
      const ended = endSession(live(newest), { ...ending, claim: aClaim() })
      assert.equal(ended.id, { s: `s/${sid}`, v: 3 })
      assert.is(ended.kind, 'r')
      assert.equal(ended.session, { ...sessionOf(newest), status: 'dead' })
      const [revoked] = ended.events
      if (revoked?.type !== 'TokenRevoked') throw new Error('no revocation')
      assert.is(ended.events.length, 1)
      assert.is(revoked.data.scope, 'session')
      assert.is(revoked.data.key, `sid:${sid}`)
      assert.is(revoked.data.sub, sub)
      assert.is(revoked.data.reason, 'logout')
      assert.equal(revoked.data.refresh, { jti: current.token.jti, exp: current.token.exp })
      assert.is(revoked.data.expiresAt, msOf(accessExpMax) + 5 * minuteMs)
    },

  'its revocation outlives the longest access token ever issued, not the last one': () => {
    const long = nth(refreshedAt(opened(), [1_000], policyWith({ accessLifetimeMs: dayMs })), 1)
    const after = nth(refreshedAt(long, [2_000]), 1)
    const [revoked] = endSession(live(after), { ...ending, claim: aClaim() }).events
    const expiresAt = revoked?.type === 'TokenRevoked' ? revoked.data.expiresAt : null
    assert.is(expiresAt, at(1_000 + dayMs + 5 * minuteMs))
  },
})

const told = (count: number): readonly AuthEvent[] =>
  Array.from({ length: count }, () => event('PasswordChanged', { sub: aSub(), ...noAct }))
const draft = (events: readonly AuthEvent[]) => {
  const id = { s: `u/${aSub()}`, v: 0 } as const
  return completeCommit({ id, at: 0 as EpochMs, events, claim: aClaim() })
}

claims('commit', {
  'one that would be too large is refused before it is appended': () => {
    const size = JSON.stringify(told(1)).length
    const fitting = Math.floor(commitBytesMax / size) - 5
    assert.ok(draft(told(fitting)))
    assert.throws(
      () => draft(told(fitting * 2)),
      (error: { code?: unknown }) => error.code === 'COMMIT_TOO_LARGE',
    )
  },

  'its size is counted in bytes: a name in another script weighs three times as much': () => {
    const username = '界'.repeat(150)
    const count = Math.floor(commitBytesMax / (150 * 2))
    const events = Array.from({ length: count }, () =>
      event('UserCreated', { sub: aSub(), username, roles: [], ...noAct }),
    )
    assert.throws(
      () => draft(events),
      (error: { code?: unknown }) => error.code === 'COMMIT_TOO_LARGE',
    )
  },

  'a rotation alone is nothing that guards must learn, any other revocation is': () => {
    const rotated = nth(refreshedAt(opened(), [1_000]), 1)
    assert.is(rotated.kind, 'o')
    assert.is(draft(told(1)).kind, 'o')
    assert.is(endSession(live(rotated), { ...ending, claim: aClaim() }).kind, 'r')
  },

  'seconds are whole: a token of the last millisecond of a second is not younger than it says':
    () => {
      assert.is(secondsOf(1_999 as EpochMs), 1 as EpochSeconds)
    },
})
