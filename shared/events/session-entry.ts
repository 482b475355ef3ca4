import type { ClientId, EpochMs, SessionId, SubjectId } from '../kernel/ids.ts'

/** A use of a session, by the version of the commit that tells of it. */
export type SessionUse = Readonly<{
  version: number
  at: EpochMs
  address: string | null
  agent: string | null
  /** Both, sealed, of the commit that tells of it; absent where they are in clear. */
  personal?: string
}>
export type SessionEnd = Readonly<{ version: number; at: EpochMs; reason: string }>

/**
 * What `auth.events` says of one session. A part may be missing as long as its event was not read:
 * the log promises no order between commits.
 */
export type SessionEntry = Readonly<{
  sid: SessionId
  sub: SubjectId
  client: ClientId | null
  kind: 'pair' | 'sliding' | null
  first: SessionUse | null
  last: SessionUse | null
  /** The greatest `exp` of any token told of; 0 when none was. */
  expiresAt: EpochMs
  /** Its own end. Cutoffs end sessions too, and are on other streams. */
  ended: SessionEnd | null
  /** When the entry may be forgotten. */
  keepUntil: EpochMs
}>

type Versioned = Readonly<{ version: number }>

const lowest = <T extends Versioned>(a: T | null, b: T | null): T | null =>
  a === null || (b !== null && b.version < a.version) ? b : a
const highest = <T extends Versioned>(a: T | null, b: T | null): T | null =>
  a === null || (b !== null && b.version > a.version) ? b : a
const later = (a: EpochMs, b: EpochMs): EpochMs => (a > b ? a : b)

/**
 * One entry out of two of the same session. Commutative, associative and idempotent, as all events
 * of one version tell the same of time and place.
 */
export const mergeSession = (existing: SessionEntry, incoming: SessionEntry): SessionEntry => ({
  sid: existing.sid,
  sub: existing.sub,
  client: existing.client ?? incoming.client,
  kind: existing.kind ?? incoming.kind,
  first: lowest(existing.first, incoming.first),
  last: highest(existing.last, incoming.last),
  expiresAt: later(existing.expiresAt, incoming.expiresAt),
  ended: lowest(existing.ended, incoming.ended),
  keepUntil: later(existing.keepUntil, incoming.keepUntil),
})

/** One entry a session, in the order in which the sessions first come. */
export const mergedSessions = (entries: readonly SessionEntry[]): readonly SessionEntry[] => {
  const bySid = new Map<SessionId, SessionEntry>()
  for (const entry of entries) {
    const existing = bySid.get(entry.sid)
    bySid.set(entry.sid, existing ? mergeSession(existing, entry) : entry)
  }
  return [...bySid.values()]
}
