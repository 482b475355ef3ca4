import type { Commit, NewCommit } from '../../shared/events/commit.ts'
import { event } from '../../shared/events/event.ts'
import { partPersonal } from '../../shared/events/personal-fields.ts'
import type {
  Claim,
  ClientId,
  EpochMs,
  SessionId,
  SubjectId,
  TokenId,
} from '../../shared/kernel/ids.ts'
import { completeCommit } from '../../shared/session/complete-commit.ts'
import { cutoffCommit, eventCommit } from '../../shared/session/cutoff-commit.ts'
import { cutoffsOf } from '../../shared/session/cutoffs-in-force.ts'
import { decideRefresh } from '../../shared/session/decide-refresh.ts'
import { endSession, isLive, isLivePair, type LivePair } from '../../shared/session/end-session.ts'
import { openSession } from '../../shared/session/open-session.ts'
import { addSealedClaims, renewAccessToken, rotation } from '../../shared/session/rotation.ts'
import type { SessionPolicy } from '../../shared/session/session-policy.ts'
import { decideSlide, openSliding } from '../../shared/session/sliding-session.ts'
import {
  type AssignStatusListIndex,
  withAccessStatusIndex,
  withSlidingStatusIndex,
} from '../../shared/session/status-list-index.ts'

const sid = '5e551011ab5e551011ab5e551011ab01' as SessionId
const sub = '50b1ec75ab50b1ec75ab50b1ec75ab01' as SubjectId
const client = 'curfew' as ClientId
const requestId = '4bf92f3577b34da6a3ce929d0e0e4736'
const started = 1_800_000_000_000
const origin = { address: '192.0.2.7', agent: 'Mozilla/5.0 (example)' }
const hex = (prefix: string, n: number): string =>
  prefix.padEnd(30, '0') + String(n).padStart(2, '0')
const actor = { by: 'administrator', id: hex('ad31', 1) } as const
const act = { actor, ...origin }
const policy: SessionPolicy = {
  accessLifetimeMs: 900_000,
  refreshLifetimeMs: 259_200_000,
  slidingLifetimeMs: 300_000,
  slidingRefreshLifetimeMs: 86_400_000,
  sessionMaxLifetimeMs: 2_592_000_000,
  graceMs: 10_000,
  rotate: true,
  blacklistAfterRotation: true,
}

const request = (n: number) => {
  const arrival = (started + n * 60_000) as EpochMs
  return {
    arrival,
    now: (arrival + 7) as EpochMs,
    ids: { access: hex('acce55', n) as TokenId, refresh: hex('4ef4e5', n) as TokenId },
    claim: hex('c1a1', n) as Claim,
    origin,
  }
}

const lister: AssignStatusListIndex = () => ({ list: '1800001800-0-0123456789abcdef', idx: 70_001 })

const stored = (whole: NewCommit): Commit => ({ ...whole, published: null })

/** As it is stored: what it says of persons is sealed, which no test can open. */
const sealed = (commit: NewCommit): NewCommit => ({
  ...commit,
  request: requestId,
  events: commit.events.map((one) => partPersonal(one).rest),
  personal: '1;c0de;a:c2VhbGVkIHVuZGVyIGEga2V5IHRoYXQgbm9ib2R5IGhhcyBhbnkgbW9yZQ',
})
const live = (whole: NewCommit): LivePair => {
  const found = stored(whole)
  if (!isLivePair(found)) throw new Error('the sample session is not alive')
  return found
}

const login = (untilClosed = false) => {
  const epoch = { sub: -1, client: -1, all: -1 }
  return openSession({ sid, sub, client, epoch, untilClosed, ...request(0) }, policy)
}

/** A session's life: each commit follows from the one before, decided by the code that ships. */
const sessionCommits = (): [string, NewCommit][] => {
  const first = login()
  const rotated = rotation(live(first), request(1), policy)
  const again = rotation(live(rotated), request(2), policy)
  const unlisted = { ...policy, blacklistAfterRotation: false }
  const token = { version: 0, jti: request(0).ids.refresh }
  const reuse = decideRefresh(
    live(again),
    cutoffsOf(null, null, null),
    { ...request(5), token },
    policy,
  )
  if (reuse.decide !== 'reuse') throw new Error('the sample of reuse was not decided as one')
  return [
    ['login', first],
    ['login-requested', { ...first, request: requestId }],
    ['login-personal', sealed(first)],
    ['login-listed', withAccessStatusIndex(first, lister)],
    ['login-until-closed', login(true)],
    ['rotation', rotated],
    ['rotation-sealed', addSealedClaims(rotated, 'c2VhbGVkIGJ5IHRoZSBwcmVzZW50ZWQgdG9rZW4')],
    ['rotation-off', renewAccessToken(live(first), request(1), { ...policy, rotate: false })],
    ['rotation-unlisted', rotation(live(first), request(1), unlisted)],
    ['logout', endSession(live(again), { reason: 'logout', ...request(3) })],
    ['session-limit', endSession(live(again), { reason: 'session_limit', ...request(3) })],
    ['reuse', reuse.commit],
  ]
}

/** A sliding session's: its one token is renewed under the same id. */
const slidingCommits = (): [string, NewCommit][] => {
  const epoch = { sub: -1, client: -1, all: -1 }
  const jti = hex('511d', 0) as TokenId
  const first = openSliding({ sid, sub, client, epoch, jti, ...request(0) }, policy)
  const told = { ...request(1), jti, tokenEnded: false }
  const renewed = decideSlide(stored(first), cutoffsOf(null, null, null), told, policy)
  if (renewed.decide !== 'insert') throw new Error('the sample of a renewal was not decided as one')
  const newest = stored(renewed.commit)
  if (!isLive(newest)) throw new Error('the sample session is not alive')
  return [
    ['sliding-login', first],
    ['sliding-login-listed', withSlidingStatusIndex(first, lister)],
    ['sliding-renewal', renewed.commit],
    ['sliding-logout', endSession(newest, { reason: 'logout', ...request(3) })],
  ]
}

const otherCommits = (): [string, NewCommit][] => {
  const { now, claim } = request(4)
  const told = { now, claim, origin, longestMs: 900_000 }
  const created = eventCommit(`u/${sub}`, null, {
    events: [event('UserCreated', { sub, username: 'zoë', roles: ['admin'], ...act })],
    now,
    claim,
  })
  const failed = event('LoginFailed', {
    reason: 'unknown_user',
    sub: null,
    account: hex('acc0', 1),
    ...origin,
  })
  const password = { ...told, alongside: [event('PasswordChanged', { sub, ...act })] }
  const subject = { scope: 'subject', sub } as const
  const lifetime = { events: [event('LifetimeRaised', { longestMs: 900_000 })], ...told }
  const raised = eventCommit('all', null, lifetime)
  const aside = {
    id: { s: `x/${hex('a51de', 1)}`, v: 0 },
    at: now,
    events: [failed],
    claim,
  } as const
  return [
    ['user-created', created],
    [
      'cutoff-subject',
      cutoffCommit(stored(created), {
        target: subject,
        reason: 'password_changed',
        actor,
        ...password,
      }),
    ],
    [
      'cutoff-client',
      cutoffCommit(null, { target: { scope: 'client', client }, reason: 'revoked', ...told }),
    ],
    ['lifetime-raised', raised],
    [
      'cutoff-all',
      cutoffCommit(stored(raised), { target: { scope: 'all' }, reason: 'restored', ...told }),
    ],
    ['aside', completeCommit({ ...aside, expiresAt: (now + 86_400_000) as EpochMs })],
  ]
}

/** What older versions of its events were stored as keeps the name without one. */
const nameFor = (name: string, { events }: NewCommit): string => {
  const version = Math.max(1, ...events.map(({ version }) => version))
  return version === 1 ? name : `${name}-v${version}`
}

/** A stored commit of each shape, by the name of its golden file; none is published yet. */
export const sampleCommits = (): ReadonlyMap<string, Commit> =>
  new Map(
    [...sessionCommits(), ...slidingCommits(), ...otherCommits()].map(([name, whole]) => [
      `${nameFor(name, whole)}.format1`,
      stored(whole),
    ]),
  )
