import type { Revocation, RevocationItem } from '../../../shared/events/revocation-record.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, EventId, LogId, RevocationKey } from '../../../shared/kernel/ids.ts'
import type { FeedSink, RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { aLogId } from './builders.ts'

/** A feed that tells what the test tells it. */
export type FakeFeed = RevocationFeed &
  Readonly<{
    revoke(key: RevocationKey, cutoff?: number | null, expiresAt?: number): void
    closeTime(t: number, logId?: LogId): void
    tell(item: RevocationItem): void
    caughtUp(): void
    reset(): void
    /** How often it was opened. */
    openings(): number
    /** The next `count` openings fail. */
    failToOpen(count: number): void
  }>

export const firstLog = aLogId()
const far = 9_000_000_000_000

export const aRevocation = (
  key: RevocationKey,
  cutoff: number | null = null,
  expiresAt: number = far,
): Revocation => ({
  key,
  cutoff,
  expiresAt: expiresAt as EpochMs,
  reason: 'logout',
  revokedAt: 0 as EpochMs,
})

export const fakeFeed = (): FakeFeed => {
  let sink: FeedSink | null = null
  let offset = 0
  let opened = 0
  let failures = 0
  const tell = (item: RevocationItem): void => sink?.onItems([item])
  const next = (): number => {
    offset += 1
    return offset
  }
  return {
    open: async (given) => {
      if (failures > 0) {
        failures -= 1
        throw new AuthError('LOG_UNAVAILABLE', 'the fake feed does not open')
      }
      opened += 1
      sink = given
    },
    close: async () => {
      sink = null
    },
    tell,
    revoke: (key, cutoff = null, expiresAt = far) => {
      const revocation = aRevocation(key, cutoff, expiresAt)
      tell({ kind: 'revocation', id: `${key}:0:0` as EventId, offset: next(), revocation })
    },
    closeTime: (t, logId = firstLog) =>
      tell({ kind: 'closed', offset: next(), closed: { t: t as EpochMs, logId, low: 0 } }),
    caughtUp: () => sink?.onCaughtUp(),
    reset: () => sink?.onReset('a gap'),
    openings: () => opened,
    failToOpen: (count) => {
      failures = count
    },
  }
}
