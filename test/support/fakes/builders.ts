import { createSecretKey } from 'node:crypto'
import type { Listing, NewCommit, PairSession } from '../../../shared/events/commit.ts'
import {
  type Act,
  type EventData,
  event,
  noAct,
  type TokenRevoked,
} from '../../../shared/events/event.ts'
import {
  encodeClosedTime,
  encodeEvent,
  encodeRevocation,
  signed,
} from '../../../shared/events/event-codec.ts'
import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import {
  newClaim,
  newLogId,
  newSessionId,
  newSubjectId,
  newTokenId,
} from '../../../shared/kernel/entropy.ts'
import type {
  Claim,
  ClientId,
  EpochMs,
  EpochSeconds,
  EventId,
  LogId,
  RevocationKey,
  SessionId,
  StreamId,
  SubjectId,
  TokenId,
} from '../../../shared/kernel/ids.ts'
import type { ViewBatch, ViewEntry } from '../../../shared/ports/blacklist-view.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import { seededEntropy } from './seeded-entropy.ts'

const dice = seededEntropy('builders')

/** Far ahead (2096), so that no database deletes a sample as expired while a test looks at it. */
export const noon = 4_000_000_000_000 as EpochMs
export const noonSeconds = 4_000_000_000 as EpochSeconds
export const later = (ms: number, from: EpochMs = noon): EpochMs => (from + ms) as EpochMs
export const hourMs = 3_600_000

/** Ids that no other call returned in this process. */
export const aSid = (): SessionId => newSessionId(dice)
export const aSub = (): SubjectId => newSubjectId(dice)
export const aJti = (): TokenId => newTokenId(dice)
export const aClaim = (): Claim => newClaim(dice)
export const aLogId = (): LogId => newLogId(dice)
export const aClient = 'web' as ClientId

export const aRing = (): MacRing => ({
  active: 'k1',
  keys: new Map([['k1', createSecretKey(Buffer.alloc(32, 7))]]),
})
/** Of a reader that takes what `anEventsRing` signed. */
export const anEventsRing = (): MacRing => ({
  active: 'e1',
  keys: new Map([['e1', createSecretKey(Buffer.alloc(32, 9))]]),
})
export const anEventCheck = (): EventCheck => ({ ring: anEventsRing(), unsigned: 'park' })
export const source = 'https://auth.example'

export const aSessionState = (over: Partial<PairSession> = {}): PairSession => ({
  status: 'live',
  sid: aSid(),
  sub: aSub(),
  client: aClient,
  epoch: { sub: -1, client: -1, all: -1 },
  startedAt: noon,
  current: {
    version: 0,
    token: { jti: aJti(), iat: noonSeconds, exp: (noonSeconds + 86_400) as EpochSeconds },
  },
  access: { jti: aJti(), iat: noonSeconds, exp: (noonSeconds + 300) as EpochSeconds },
  recent: [],
  unlisted: null,
  accessExpMax: (noonSeconds + 300) as EpochSeconds,
  expMax: (noonSeconds + 86_400) as EpochSeconds,
  ...over,
})

/** Of an administrator, from somewhere. */
export const anAct: Act = {
  actor: { by: 'administrator', id: 'a1' },
  address: '192.0.2.7',
  agent: null,
}

export const aRevoked = (over: Partial<EventData<'TokenRevoked'>> = {}): TokenRevoked => {
  const sid = over.sid ?? aSid()
  return event('TokenRevoked', {
    scope: 'session',
    key: `sid:${sid}`,
    reason: 'logout',
    cutoff: null,
    sub: null,
    sid,
    revokedAt: noon,
    expiresAt: later(hourMs),
    refresh: null,
    ...noAct,
    ...over,
  })
}

type CommitOver = Partial<Omit<NewCommit, 'id' | 'format'>> & Readonly<{ s?: StreamId; v?: number }>

const completed = ({ s, v, ...over }: CommitOver, draft: Omit<NewCommit, 'format'>): NewCommit => ({
  format: 1,
  ...draft,
  ...over,
  id: { s: s ?? draft.id.s, v: v ?? draft.id.v },
})

/** A commit without a revocation, on a session's stream unless told otherwise. */
export const aCommit = (over: CommitOver = {}): NewCommit => {
  const session = over.session === undefined ? aSessionState() : over.session
  return completed(over, {
    id: { s: `s/${session?.sid ?? aSid()}`, v: 0 },
    at: noon,
    events: [
      event('TokenIssued', {
        kind: 'access',
        jti: aJti(),
        sub: aSub(),
        client: aClient,
        sid: aSid(),
        iat: noonSeconds,
        exp: (noonSeconds + 300) as EpochSeconds,
        replaces: null,
        cause: 'login',
        address: '192.0.2.7',
        agent: 'curl/8',
      }),
    ],
    claim: aClaim(),
    kind: 'o',
    session,
    cutoff: -1,
    longestMs: 0,
    expiresAt: later(48 * hourMs),
  })
}

/** Whose access token, alive for 300 s from noon, is in a status list. */
export const aListedCommit = (
  listed: Listing,
  { session = aSessionState(), ...over }: CommitOver & Readonly<{ session?: PairSession }> = {},
): NewCommit => aCommit({ ...over, session: { ...session, access: { ...session.access, listed } } })

/** A commit that guards must learn of: the end of a session. */
export const aRevocationCommit = (over: CommitOver = {}): NewCommit => {
  const session = aSessionState({ status: 'dead' })
  return aCommit({
    session,
    events: [aRevoked({ sid: session.sid, expiresAt: over.expiresAt ?? later(hourMs) })],
    kind: 'r',
    ...over,
  })
}

/** A cutoff: on `u/<sub>` unless told otherwise; never expires. */
export const aCutoffCommit = (over: CommitOver = {}): NewCommit => {
  const { s = `u/${aSub()}`, v = 0 } = over
  const sub = s.slice(2) as SubjectId
  const key: RevocationKey = `sub:${sub}`
  return aCommit({
    events: [aRevoked({ scope: 'subject', key, cutoff: v, sub, sid: null, reason: 'logout_all' })],
    kind: 'r',
    session: null,
    cutoff: v,
    expiresAt: null,
    ...over,
    s,
    v,
  })
}

export const anEventRecord = (sub: string, index: number): LogRecord =>
  signed(
    anEventsRing(),
    encodeEvent(source, {
      id: `u/${sub}:${index}:0` as EventId,
      at: noon,
      event: event('PasswordChanged', { sub: sub as SubjectId, ...noAct }),
    }),
  )

export const aRevocationRecord = (ring: MacRing, sid: SessionId = aSid()): LogRecord => {
  const revoked = aRevoked({ sid })
  const { key, cutoff, expiresAt, reason, revokedAt } = revoked.data
  const recorded = { id: `s/${sid}:1:0` as EventId, at: noon, event: revoked }
  const revocation = { key, cutoff, expiresAt, reason, revokedAt }
  return encodeRevocation(source, ring, recorded, revocation)
}

/** For readers that began at the log's start, unless `low` says more. */
export const aClosedTimeRecord = (
  ring: MacRing,
  t: EpochMs,
  logId: LogId,
  low: number = Number.MAX_SAFE_INTEGER,
): LogRecord => encodeClosedTime(source, ring, { t, logId, low })

export const anEntry = (over: Partial<ViewEntry> = {}): ViewEntry => {
  const sid = aSid()
  return {
    key: `sid:${sid}`,
    cutoff: null,
    expiresAt: later(hourMs),
    reason: 'logout',
    revokedAt: noon,
    id: `s/${sid}:1:0` as EventId,
    position: null,
    ...over,
  }
}

export const aBatch = (over: Partial<ViewBatch> = {}): ViewBatch => ({
  entries: [],
  closed: null,
  checkpoint: { topic: 'auth.revocations', partition: 0, next: 0 },
  fence: 0,
  logId: null,
  ...over,
})

export const aUser = ({ sub = aSub(), ...over }: Partial<User> = {}): User => ({
  sub,
  id: sub,
  username: `user-${aJti().slice(0, 12)}`,
  passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g',
  roles: ['user'],
  active: true,
  createdAt: noon,
  due: null,
  knownAddresses: [],
  ...over,
})
