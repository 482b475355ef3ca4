import { encodeClosedTime } from '../../../shared/events/codec.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore, RelayScan, Tick } from '../../../shared/ports/event-store.ts'
import type { Encoder } from './commit-records.ts'
import { type DeletedRevocations, deletedRevocations } from './deleted-revocations.ts'
import type { LogBounds, LogIdentity } from './log-identity.ts'
import type { PublishedAt, Publisher } from './publisher.ts'
import { republishFarBehind } from './republish-far-behind.ts'
import { whyStopped } from './stopped-log.ts'
import type { StoreClock } from './store-clock.ts'

const revocationsPerRun = 500
/** After an outage: three requests, so that the marks of one are written beside the next. */
const revocationsWhenBehind = 1_500
const othersPerRun = 300
const tellAgainMs = 60_000
/** Causes may take turns several times a second. */
const tellOtherMs = 5_000
/**
 * Younger commits are most likely in flight in the gateway that appended them: a hint, not a
 * promise.
 */
const othersAgeMs = 2_000
/** A gateway's idea of the store's clock may run ahead of the tick by so much. */
const aheadMs = 1_000
const lookEveryMs = 60_000

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
  /** Told when revocations in force were found to be gone from the log. */
  onDeleted?: (deletion: DeletedRevocations) => unknown
}>

export type RelayRun = Readonly<{ closed: EpochMs | null; more: boolean }>

/** One look at the store, and how the log lay before it. */
type Look = RelayScan & Readonly<{ seen: LogBounds | null }>

const lookAtStore = async (deps: RelayDeps): Promise<Look> => {
  const { store, clock, storeClock, identity, publisher } = deps
  // Before the scan: what is published after it lies at this end or above. An older look would do,
  // but each gateway has its own, and low marks should not go back. A log that does not answer must
  // not hold up the tick's other uses; it closes no time.
  const looked = new AbortController()
  const look = identity.lookShared().catch(() => null)
  await Promise.race([look, clock.sleep(deps.tickMs, looked.signal)])
  looked.abort()
  const seen = identity.seen()
  const sentMs = clock.monotonicMs()
  const scan = await store.relayScan(pageFor(publisher), seen?.start)
  storeClock.observe(scan.tick.t, sentMs, clock.monotonicMs())
  return { ...scan, seen }
}

/**
 * One run: tick, scan, publish what is due, close time, then a page of the rest. Every gateway runs
 * it; there is no leader. The order is the proof: `t` is written before the scan, and anything not
 * acknowledged means no closed time from this run.
 */
export const relayStep = async (deps: RelayDeps): Promise<RelayRun> => {
  const { identity, publisher } = deps
  const stopped = whyStopped(deps.log)
  let look = await lookAtStore(deps)
  if (stopped) return passBy(deps, look.tick, stopped)
  const logId = await identity.ensure(look.tick)
  // Under a new identity nothing counts as published.
  if (look.tick.logId !== logId) look = await lookAtStore(deps)
  const { tick, revocations, more } = look
  tellOfDeletion(deps, look)
  const { places, refusal } = await told(
    publisher.relayRevocations(revocations, more, look.seen?.start),
  )
  const mayClose = !more && refusal === null && tick.logId === logId
  const isDue = mayClose && !wasJustClosed(tick, deps.tickMs)
  const closed = isDue ? await close(deps, look, places) : null
  // A mark that is still on its way would make the next page read the same commits again.
  await publisher.marked()
  // Guards wait for revocations, nobody for the others.
  const moreOthers = more ? false : await relayOthers(deps, tick)
  if (refusal) throw refusal
  return { closed, more: more || moreOthers }
}

/**
 * While the topic would not keep revocations they wait, and so does closed time: guards become
 * stale and say so. What else happened is told. Afterwards the log is verified anew: it may have
 * been made again.
 */
const passBy = async (deps: RelayDeps, tick: Tick, stopped: AuthError): Promise<never> => {
  const { identity } = deps
  if (identity.current() === null) await identity.ensure(tick)
  await relayOthers(deps, tick)
  identity.suspect()
  throw stopped
}

const pageFor = (publisher: Publisher): number => {
  // One commit finds out whether a log that was down is back.
  const size = publisher.hasMore ? revocationsWhenBehind : revocationsPerRun
  return (publisher.isDown ? 1 : size) + publisher.refused('r')
}

type ToldPage = Readonly<{ places: readonly PublishedAt[]; refusal: AuthError | null }>

/** A revocation that is too large for the log stops closed time, and nothing else. */
const told = async (page: Promise<readonly PublishedAt[]>): Promise<ToldPage> => {
  try {
    return { places: await page, refusal: null }
  } catch (error) {
    if (isAuthError(error, 'LOG_RECORD_TOO_LARGE')) return { places: [], refusal: error }
    throw error
  }
}

const relayOthers = async ({ store, publisher }: RelayDeps, { t }: Tick): Promise<boolean> => {
  const limit = othersPerRun + publisher.refused('o')
  // What was left to this relay is in flight nowhere, as a login is that came before the first run.
  const before = publisher.hasLeft() ? t + aheadMs : t - othersAgeMs
  const others = await store.unpublishedOthers(before as EpochMs, limit)
  const wentOn = await publisher.relayOthers(others)
  await publisher.marked()
  return wentOn && others.length === limit
}

// With several gateways, one closed time a tick is enough: each is read by every guard that ever
// starts.
const wasJustClosed = (tick: { t: EpochMs; closed: EpochMs }, tickMs: number): boolean =>
  tick.t - tick.closed < tickMs / 2

const tellOfDeletion = ({ onDeleted }: RelayDeps, { tick, seen, revocations }: Look): void => {
  const deletion = deletedRevocations(revocations, tick.logId, seen?.start ?? 0)
  if (deletion !== null) onDeleted?.(deletion)
}

/**
 * Where one must have begun to read: no revocation in force lies lower. Not those that were
 * published when the store was scanned, not those that this run published, and not those that come
 * after the scan, which the log takes at the end that was seen before it, or above.
 */
const lowOf = ({ low }: Look, { end }: LogBounds, published: readonly PublishedAt[]): number =>
  Math.min(end, low ?? end, ...published.map(({ offset }) => offset ?? end))

/**
 * The closed time must land above everything that was acknowledged: a log that was made again
 * without failing a request is found out by the offset, and then nothing is closed in it.
 */
const close = async (
  { log, store, encoder, identity }: RelayDeps,
  look: Look,
  published: readonly PublishedAt[],
): Promise<EpochMs | null> => {
  const { t, acknowledged, logId } = look.tick
  const bounds = await identity.look()
  if (logId === null || look.seen === null) return null
  const least = acknowledged ? acknowledged.offset : -1
  if (bounds.end <= least) return refuse(identity)
  // The same log as the scan's, or its offsets say nothing.
  if (published.some((at) => at.logId !== logId)) return null
  const low = Math.min(lowOf(look, look.seen, published), bounds.end)
  const record = encodeClosedTime(encoder.source, encoder.ring, { t, logId, low })
  const [offset] = await log.publish([record])
  if ((offset ?? 0) <= least) return refuse(identity)
  await store.noteClosed(logId, t)
  return t
}

const refuse = (identity: LogIdentity): never => {
  identity.suspect()
  throw new AuthError('LOG_UNAVAILABLE', 'the log ends below what it acknowledged')
}

// What the log refuses for its size, or its settings, says nothing about which log it is.
const saysNothing = (error: Error): boolean =>
  isAuthError(error, 'LOG_TOPIC_WRONG') || isAuthError(error, 'LOG_RECORD_TOO_LARGE')

/** Once a minute, behind a finished run: what no single run would notice or mend. */
const upkeep = async (deps: RelayDeps): Promise<void> => {
  const { store, identity } = deps
  const bounds = await identity.look()
  const scan = await store.relayScan(1, bounds.start)
  identity.lookAgain(scan.tick)
  await republishFarBehind(deps, scan, bounds)
}

/**
 * Runs until `signal` aborts. A failed run is logged when the one before did not fail or failed
 * otherwise, and once a minute; the next one begins anew.
 */
export const runRelay = async (
  deps: RelayDeps,
  onRun: (failure: Error | null) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger, tickMs, identity } = deps
  let failures = 0
  let told = { message: '', atMs: 0 }
  let upkeepAtMs = clock.monotonicMs() + lookEveryMs
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs()
    let more = false
    try {
      more = (await relayStep(deps)).more
      if (!more && startedMs >= upkeepAtMs) {
        upkeepAtMs = startedMs + lookEveryMs
        await upkeep(deps)
      }
      if (failures > 0) logger.info({ failures }, 'the relay goes on')
      failures = 0
      told = { message: '', atMs: 0 }
      onRun(null)
    } catch (thrown) {
      const error = thrown as Error
      failures += 1
      if (!saysNothing(error)) identity.suspect()
      const quietMs = error.message === told.message ? tellAgainMs : tellOtherMs
      if (failures === 1 || startedMs - told.atMs >= quietMs) {
        logger.warn({ error, failures }, 'the relay did not finish a run')
        told = { message: error.message, atMs: startedMs }
      }
      onRun(error)
    }
    const spentMs = clock.monotonicMs() - startedMs
    if (!more) await clock.sleep(Math.max(tickMs - spentMs, 1), signal)
  }
}
