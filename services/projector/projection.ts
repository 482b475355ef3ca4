import type { AuthEvent } from '../../shared/events/event.ts'
import { actorText } from '../../shared/events/event-actor.ts'
import { encodeDeadLetter } from '../../shared/events/event-codec.ts'
import type { EventCheck } from '../../shared/events/event-mac.ts'
import type { LogIdentities } from '../../shared/events/log-identities.ts'
import type { LogRecord, RawRecord } from '../../shared/events/log-record.ts'
import { ownerOfSubject } from '../../shared/events/personal-fields.ts'
import { readEventRecord } from '../../shared/events/read-event-record.ts'
import { macHeader } from '../../shared/events/record-mac.ts'
import type { RevocationItem } from '../../shared/events/revocation-record.ts'
import type { SessionEntry } from '../../shared/events/session-entry.ts'
import { type EpochMs, type EventId, type LogId, msOf } from '../../shared/kernel/ids.ts'
import type { ViewClosed, ViewEntry } from '../../shared/ports/blacklist-view.ts'
import type { Erasure } from '../../shared/ports/personal-keys.ts'
import { sessionFacts } from './session-projection.ts'

/**
 * What a batch changes in the view and in the session list. Pure: the same records give the same
 * projection.
 */
export type Projection = Readonly<{
  entries: readonly ViewEntry[]
  sessions: readonly SessionEntry[]
  closed: ViewClosed | null
  logId: LogId | null
  deadLetters: readonly DeadLetter[]
  /**
   * Offset of a record that may be a revocation and cannot be read. Closed time and the checkpoint
   * stop there.
   */
  unreadableAt: number | null
  /** Another fleet whose records are in the same topic; they are skipped. */
  foreign: string | null
  /** How many records nobody of this fleet signed; they are parked. */
  forged: number
  /** Persons whose keys were dropped, also in a store that was restored from before. */
  erasures: readonly Erasure[]
}>

/** A record to park, and its offset. */
export type DeadLetter = Readonly<{ offset: number; record: LogRecord }>

const marginMs = 5 * 60_000

const letterOf = (raw: RawRecord, problem: string): DeadLetter => ({
  offset: raw.offset,
  record: encodeDeadLetter(raw, problem),
})

/** `auth.revocations`: every revocation, and the closed times between them that `lives` counts. */
export const projectRevocations = (
  records: readonly RawRecord[],
  items: readonly RevocationItem[],
  lives: LogIdentities,
): Projection => {
  const entries: ViewEntry[] = []
  const deadLetters: DeadLetter[] = []
  const logId = lives.current
  const positionOf = (offset: number): string => `${logId ?? 'unknown'}:${offset}`
  let closed: ViewClosed | null = null
  let unreadableAt: number | null = null
  let foreign: string | null = null
  let forged = 0
  for (const [index, item] of items.entries()) {
    const raw = records[index]
    switch (item.kind) {
      case 'revocation':
        entries.push({ ...item.revocation, id: item.id, position: positionOf(item.offset) })
        break
      case 'closed':
        if (unreadableAt === null && lives.counts(item)) {
          const { t, logId: log } = item.closed
          closed = { t, logId: log, position: positionOf(item.offset) }
        }
        break
      case 'uncovered': // A closed time that does not count: records below it are missing.
        break
      case 'foreign':
        foreign = item.fleet
        break
      case 'forged':
        forged += 1
        if (raw) deadLetters.push(letterOf(raw, raw.unread?.problem ?? 'bad MAC'))
        break
      case 'unreadable':
        unreadableAt ??= item.offset
        break
    }
  }
  const others = { sessions: [], erasures: [] }
  return { entries, ...others, closed, logId, deadLetters, unreadableAt, foreign, forged }
}

/**
 * View entries for the refresh tokens that an event ended. Guards do not need them, but readers of
 * the collection may ask for any token.
 */
const endedRefreshTokens = (id: EventId, { type, data }: AuthEvent): ViewEntry[] => {
  if (type !== 'TokenRevoked') return []
  const { reason, revokedAt, key, expiresAt, refresh } = data
  const shared = { cutoff: null, reason, revokedAt, id, position: null }
  if (reason === 'rotated') return [{ ...shared, key, expiresAt }]
  if (!refresh) return []
  const goneAt = (msOf(refresh.exp) + marginMs) as EpochMs
  return [{ ...shared, key: `jti:${refresh.jti}`, expiresAt: goneAt }]
}

const erasureIn = (event: AuthEvent, at: EpochMs | null): Erasure[] => {
  if (event.type !== 'UserErased') return []
  const { sub, actor } = event.data
  const when = at ?? (0 as EpochMs)
  return [{ owner: ownerOfSubject(sub), at: when, by: actorText(actor), open: true }]
}

/**
 * `auth.events`: a record that nobody of this fleet signed, or that does not decode, is parked, and
 * the next ones are folded.
 */
export const projectEvents = (records: readonly RawRecord[], check: EventCheck): Projection => {
  const entries: ViewEntry[] = []
  const sessions: SessionEntry[] = []
  const deadLetters: DeadLetter[] = []
  const erasures: Erasure[] = []
  let foreign: string | null = null
  let forged = 0
  for (const raw of records) {
    const decoded = readEventRecord(check, raw)
    if (decoded.ok) {
      const { id, event } = decoded
      entries.push(...endedRefreshTokens(id, event))
      sessions.push(...sessionFacts(id, decoded, event))
      // No version ever wrote one without a MAC: CURFEW_UNSIGNED_EVENTS=accept lets nobody erase.
      if (raw.headers[macHeader] !== undefined) erasures.push(...erasureIn(event, decoded.at))
    } else if (decoded.fleet !== undefined) foreign = decoded.fleet
    else {
      if (decoded.forged) forged += 1
      deadLetters.push(letterOf(raw, decoded.problem))
    }
  }
  return {
    ...{ entries, sessions, deadLetters, foreign, forged, erasures },
    ...{ closed: null, logId: null, unreadableAt: null },
  }
}
