import type { AuthEvent, TokenIssued, TokenRevoked } from '../../shared/events/event.ts'
import type { SessionEntry } from '../../shared/events/session-entry.ts'
import { type EpochMs, type EventId, msOf } from '../../shared/kernel/ids.ts'

const dayMs = 86_400_000
const none = 0 as EpochMs

/** The version in the id `s/<sid>:version:index`; `null` for an event of another stream. */
const versionIn = (id: EventId): number | null => {
  const found = /^s\/[0-9a-f]{32}:(\d{1,15}):\d+$/.exec(id)
  return found ? Number(found[1]) : null
}

const issued = (version: number, { at, personal }: Told, { data }: TokenIssued): SessionEntry => {
  const { sid, sub, client, kind, iat, exp, address, agent } = data
  const sealed = personal === undefined ? {} : { personal }
  const use = { version, at: at ?? msOf(iat), address, agent, ...sealed }
  const expiresAt = msOf(exp)
  return {
    sid,
    sub,
    client,
    kind: kind === 'sliding' ? 'sliding' : 'pair',
    first: use,
    last: use,
    expiresAt,
    ended: null,
    keepUntil: (expiresAt + dayMs) as EpochMs,
  }
}

const ended = (version: number, { data }: TokenRevoked): SessionEntry[] => {
  const { scope, sid, sub, revokedAt, reason, expiresAt, refresh } = data
  if (scope !== 'session' || sid === null || sub === null) return []
  const goneAt = Math.max(expiresAt, refresh ? msOf(refresh.exp) : 0)
  const keepUntil = (goneAt + dayMs) as EpochMs
  const rest = { client: null, kind: null, first: null, last: null, expiresAt: none, keepUntil }
  return [{ sid, sub, ...rest, ended: { version, at: revokedAt, reason } }]
}

/** `at`: of the commit; `personal`: what it says of persons, sealed. */
type Told = Readonly<{ at: EpochMs | null; personal?: string }>

/**
 * What one event says about a session: that it was used, or that it ended. Without the time of the
 * commit, `iat` is taken, which has whole seconds. Pure.
 */
export const sessionFacts = (
  id: EventId,
  told: Told,
  event: AuthEvent,
): readonly SessionEntry[] => {
  const version = versionIn(id)
  if (version === null) return []
  switch (event.type) {
    case 'TokenIssued':
      return [issued(version, told, event)]
    case 'TokenRevoked':
      return ended(version, event)
    default:
      return []
  }
}
