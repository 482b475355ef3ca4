import type { Clock } from '../../../shared/kernel/clock.ts'
import { within } from '../../../shared/kernel/concurrency/within.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore, RelayState } from '../../../shared/ports/event-store.ts'
import { closeTime, type StoreScan, wasJustClosed } from './close-time.ts'
import type { Encoder } from './commit-records.ts'
import { type DeletedRevocations, deletedRevocations } from './deleted-revocations.ts'
import type { LogIdentity } from './log-identity.ts'
import type { PublishedAt, Publisher } from './publisher.ts'
import type { StoreClock } from './store-clock.ts'
import { whyRevocationsStop } from './why-revocations-stop.ts'

const revocationsPerRun = 500
/** After an outage: three requests, so that one is marked while the next one is written. */
const revocationsWhenBehind = 1_500
const othersPerRun = 300
/**
 * Younger commits are most likely in flight in the gateway that appended them: a hint, not a
 * promise.
 */
const othersAgeMs = 2_000
/** A gateway's estimate of the store's clock may be ahead of the tick by this much. */
const aheadMs = 1_000

export type RelayDeps = Readonly<{
  store: EventStore
  log: EventLog
  publisher: Publisher
  identity: LogIdentity
  encoder: Encoder
  storeClock: StoreClock
  clock: Clock
  logger: Logger
  tickMs: number
  /** Called when records of revocations in force are gone from the log. */
  onDeleted?: (deletion: DeletedRevocations) => unknown
}>

export type RelayRun = Readonly<{ closed: EpochMs | null; more: boolean }>

const scanStore = async (deps: RelayDeps): Promise<StoreScan> => {
  const { store, clock, storeClock, identity, publisher } = deps
  // The log's bounds are read before the store, so that whatever is published after the scan lies
  // at this end or above. Older bounds would be correct too, but gateways have different ones, and
  // low marks should not go back. A log that does not answer within a tick must not delay the other
  // uses of the tick; then no time is closed.
  const boundsRead = identity.readBoundsShared().catch(() => null)
  await within(clock, deps.tickMs, boundsRead)
  const bounds = identity.lastBounds()
  const sentMs = clock.monotonicMs()
  const scan = await store.relayScan(pageSize(publisher), bounds?.start)
  storeClock.observe(scan.tick.t, sentMs, clock.monotonicMs())
  return { ...scan, bounds }
}

/**
 * One run of the relay: writes the tick, scans the store, publishes the revocations that are not
 * published yet, closes time, and then publishes a page of the other commits. Every gateway runs
 * it; there is no leader.
 * The order makes closed time true: the instant `t` is written before the scan, and a run in which
 * the log did not acknowledge everything closes no time.
 */
export const relayStep = async (deps: RelayDeps): Promise<RelayRun> => {
  const { identity, publisher } = deps
  const stopped = whyRevocationsStop(deps.log)
  let scan = await scanStore(deps)
  if (stopped) return relayWhileStopped(deps, scan.tick, stopped)
  const logId = await identity.ensureVerified(scan.tick)
  // Under a new identity nothing counts as published, so the scan is done again.
  if (scan.tick.logId !== logId) scan = await scanStore(deps)
  const { tick, revocations, more } = scan
  reportDeletion(deps, scan)
  const { places, tooLarge } = await settlePage(
    publisher.relayRevocations(revocations, more, scan.bounds?.start),
  )
  const isComplete = !more && tooLarge === null && tick.logId === logId
  const closes = isComplete && !wasJustClosed(tick, deps.tickMs)
  const closed = closes ? await closeTime(deps, scan, places) : null
  // Until these commits are marked, the next page would read them again.
  await publisher.allMarked()
  // Guards wait for revocations; nobody waits for the other commits.
  const moreOthers = more ? false : await relayOthers(deps, tick)
  if (tooLarge) throw tooLarge
  return { closed, more: more || moreOthers }
}

/**
 * A run while a setting of the topic would lose revocations: they stay in the store and no time is
 * closed, so guards become stale and say so. The other commits are published. Afterwards the log is
 * verified anew, since it may have been made again.
 */
const relayWhileStopped = async (
  deps: RelayDeps,
  tick: RelayState,
  stopped: AuthError,
): Promise<never> => {
  const { identity } = deps
  if (identity.current() === null) await identity.ensureVerified(tick)
  await relayOthers(deps, tick)
  identity.requireVerification()
  throw stopped
}

const pageSize = (publisher: Publisher): number => {
  const size = publisher.hasMore ? revocationsWhenBehind : revocationsPerRun
  // One commit is enough to find out whether a log that was down is back.
  return (publisher.isDown ? 1 : size) + publisher.oversizedCount('r')
}

type SettledPage = Readonly<{ places: readonly PublishedAt[]; tooLarge: AuthError | null }>

/** A revocation that is too large for the log keeps time from being closed, and nothing else. */
const settlePage = async (page: Promise<readonly PublishedAt[]>): Promise<SettledPage> => {
  try {
    return { places: await page, tooLarge: null }
  } catch (error) {
    if (isAuthError(error, 'LOG_RECORD_TOO_LARGE')) return { places: [], tooLarge: error }
    throw error
  }
}

const relayOthers = async (
  { store, publisher }: RelayDeps,
  { t }: RelayState,
): Promise<boolean> => {
  const limit = othersPerRun + publisher.oversizedCount('o')
  // A commit that the publisher left to the relay (such as a login before the first run) is in
  // flight nowhere, so even the youngest are read.
  const before = publisher.takeLeftToRelay() ? t + aheadMs : t - othersAgeMs
  const others = await store.unpublishedOthers(before as EpochMs, limit)
  const hasPublished = await publisher.relayOthers(others)
  await publisher.allMarked()
  return hasPublished && others.length === limit
}

const reportDeletion = ({ onDeleted }: RelayDeps, scan: StoreScan): void => {
  const { tick, bounds, revocations } = scan
  const deletion = deletedRevocations(revocations, tick.logId, bounds?.start ?? 0)
  if (deletion !== null) onDeleted?.(deletion)
}
