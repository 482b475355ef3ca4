import type { EpochMs, EventId, LogId, RevocationKey } from '../kernel/ids.ts'

/**
 * What a guard must know, as it travels on `auth.revocations`: small, of bounded size, and decoded
 * by hand, because guards carry no schema library. Key of the record = `key`.
 */
export type Revocation = Readonly<{
  key: RevocationKey
  /**
   * For `sub:`, `client:` and `all`: sessions with a lower epoch are dead. `null` for `jti:` and
   * `sid:`.
   */
  cutoff: number | null
  /** After this instant no token that it kills can be alive; a reader may forget it. */
  expiresAt: EpochMs
  reason: string
  revokedAt: EpochMs
}>

/**
 * "Every revocation acknowledged strictly before `t` is in the log before this record, and those of
 * them that are in force lie at `low` or above." An administrator may have deleted the beginning of
 * the log: whoever began to read above `low` does not know all that is in force.
 */
export type ClosedTime = Readonly<{
  t: EpochMs
  logId: LogId
  /** `null` in records of version 1, which do not say. */
  low: number | null
}>

export type RevocationItem =
  | Readonly<{ kind: 'revocation'; id: EventId; offset: number; revocation: Revocation }>
  | Readonly<{ kind: 'closed'; offset: number; closed: ClosedTime }>
  /** Another fleet on the same topic wrote it. It changes nothing here. */
  | Readonly<{ kind: 'foreign'; offset: number; fleet: string }>
  /**
   * A closed time that proves nothing here: this reading began at `began`, above its `low`, so what
   * is in force and lies between the two was never read.
   */
  | Readonly<{ kind: 'uncovered'; offset: number; began: number; closed: ClosedTime }>
  /** A bad MAC: somebody else wrote it. It changes nothing; an alarm and a dead letter. */
  | Readonly<{ kind: 'forged'; offset: number }>
  /** A valid MAC that does not decode: a possible revocation, so closed time stops here. */
  | Readonly<{ kind: 'unreadable'; offset: number }>

const keyPattern = /^(?:all|(?:jti|sid|sub|client):[\x21-\x7e]{1,255})$/
const hex32 = /^[0-9a-f]{32}$/
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isInstant = (value: unknown): value is EpochMs =>
  Number.isSafeInteger(value) && (value as number) >= 0

const isOffset = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // Data is never a reason to throw: a thrown SyntaxError ends a kafkajs consumer for good.
    return undefined
  }
}

/**
 * `null` when `text` is no revocation of a version that this code knows. Unknown members are
 * ignored.
 */
export const decodeRevocation = (text: string): Revocation | null => {
  const value = parse(text)
  if (!isObject(value)) return null
  const { key, cutoff, expiresAt, reason, revokedAt } = value
  if (typeof key !== 'string' || !keyPattern.test(key)) return null
  const byCutoff = key === 'all' || key.startsWith('sub:') || key.startsWith('client:')
  if (byCutoff ? !(Number.isSafeInteger(cutoff) && (cutoff as number) >= 0) : cutoff !== null)
    return null
  if (!isInstant(expiresAt) || !isInstant(revokedAt) || typeof reason !== 'string') return null
  return {
    key: key as RevocationKey,
    cutoff: cutoff as number | null,
    expiresAt,
    reason,
    revokedAt,
  }
}

export const decodeClosedTime = (text: string): ClosedTime | null => {
  const value = parse(text)
  if (!isObject(value)) return null
  const { t, logId, low = null } = value
  if (!isInstant(t) || typeof logId !== 'string' || !hex32.test(logId)) return null
  if (low !== null && !isOffset(low)) return null
  return { t, logId: logId as LogId, low }
}
