import { type AuthEvent, event, noAct } from '../../shared/events/event.ts'
import { encodeEvent } from '../../shared/events/event-codec.ts'
import type { LogRecord } from '../../shared/events/log-record.ts'
import type { EpochSeconds, EventId, SessionId, SubjectId } from '../../shared/kernel/ids.ts'
import {
  aClient,
  aJti,
  aSid,
  aSub,
  hourMs,
  later,
  noon,
  noonSeconds,
} from '../../test/support/fakes/builders.ts'

const rotationsEach = 10
/** A rotation is told by two events: a token was issued, and its predecessor ended. */
const eventsEach = 2 * rotationsEach
const source = 'https://auth.example'

const issued = (sid: SessionId, sub: SubjectId, version: number): AuthEvent =>
  event('TokenIssued', {
    ...{ kind: 'refresh', jti: aJti(), sub, client: aClient, sid },
    iat: (noonSeconds + version) as EpochSeconds,
    exp: (noonSeconds + version + 86_400) as EpochSeconds,
    ...{ replaces: null, cause: 'refresh', address: '192.0.2.7', agent: 'Mozilla/5.0' },
  })

const rotated = (sid: SessionId, sub: SubjectId): AuthEvent =>
  event('TokenRevoked', {
    ...{ scope: 'token', key: `jti:${aJti()}`, reason: 'rotated', cutoff: null, sub, sid },
    ...{ revokedAt: noon, expiresAt: later(hourMs), refresh: null },
    ...noAct,
  })

/** What `auth.events` holds of so many sessions that rotated a few times, in their order. */
export function* eventRecords(count: number): Generator<LogRecord> {
  for (let session = 0; session * eventsEach < count; session += 1) {
    const [sid, sub] = [aSid(), aSub()]
    for (let index = 0; index < eventsEach; index += 1) {
      if (session * eventsEach + index >= count) return
      const version = Math.floor(index / 2)
      const told = index % 2 === 0 ? issued(sid, sub, version) : rotated(sid, sub)
      const id = `s/${sid}:${version}:${index % 2}` as EventId
      yield encodeEvent(source, { id, at: later(version * 1_000), event: told })
    }
  }
}
