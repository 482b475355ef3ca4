import { encodeClosedTime } from '../../shared/events/codec.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { AuthError, isAuthError } from '../../shared/kernel/errors.ts'
import type { EpochMs, LogId } from '../../shared/kernel/ids.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { EventStore, Tick } from '../../shared/ports/event-store.ts'
import type { LogIdentity } from './log-identity.ts'
import type { Encoder } from './publication.ts'
import type { Publisher } from './publisher.ts'
import { whyStopped } from './stopped-log.ts'
import type { StoreClock } from './store-clock.ts'

const revocations = { topic: 'auth.revocations', partition: 0 } as const
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

export type RelayParts = Readonly<{
  store: EventStore
  log: EventLog
  publisher: Publisher
  identity: LogIdentity
  encoder: Encoder
  storeClock: StoreClock
  clock: Clock
  logger: Logger
  tickMs: number
}>

export type RelayRun = Readonly<{ closed: EpochMs | null; more: boolean }>

/**
 * One run: tick, scan, publish what is due, close time, then a page of the rest. Every gateway runs
 * it; there is no leader. The order is the proof: `t` is written before the scan, and anything not
 * acknowledged means no closed time from this run.
 */
export const relayStep = async (parts: RelayParts): Promise<RelayRun> => {
  const { store, clock, storeClock, identity, publisher } = parts
  const sentMs = clock.monotonicMs()
  const { tick, revocations, more } = await store.relayScan(pageFor(publisher))
  storeClock.observe(tick.t, sentMs, clock.monotonicMs())
  const stopped = whyStopped(parts.log)
  if (stopped) return passBy(parts, tick, stopped)
  const logId = await identity.ensure(tick)
  const refusal = await told(publisher.relayRevocations(revocations, more))
  const isDone = !more && refusal === null
  const isDue = isDone && !wasJustClosed(tick, parts.tickMs)
  const closed = isDue ? await close(parts, logId, tick) : null
  // A mark that is still on its way would make the next page read the same commits again.
  await publisher.marked()
  // Guards wait for revocations, nobody for the others.
  const moreOthers = more ? false : await relayOthers(parts, tick)
  if (refusal) throw refusal
  return { closed, more: more || moreOthers }
}

/**
 * While the topic would not keep revocations they wait, and so does closed time: guards become
 * stale and say so. What else happened is told. Afterwards the log is verified anew: it may have
 * been made again.
 */
const passBy = async (parts: RelayParts, tick: Tick, stopped: AuthError): Promise<never> => {
  const { identity } = parts
  if (identity.current() === null) await identity.ensure(tick)
  await relayOthers(parts, tick)
  identity.suspect()
  throw stopped
}

const pageFor = (publisher: Publisher): number => {
  // One commit finds out whether a log that was down is back.
  const size = publisher.hasMore ? revocationsWhenBehind : revocationsPerRun
  return (publisher.isDown ? 1 : size) + publisher.refused('r')
}

/** A revocation that is too large for the log stops closed time, and nothing else. */
const told = async (page: Promise<unknown>): Promise<AuthError | null> => {
  try {
    await page
    return null
  } catch (error) {
    if (isAuthError(error, 'LOG_RECORD_TOO_LARGE')) return error
    throw error
  }
}

const relayOthers = async ({ store, publisher }: RelayParts, { t }: Tick): Promise<boolean> => {
  const limit = othersPerRun + publisher.refused('o')
  const others = await store.unpublishedOthers((t - othersAgeMs) as EpochMs, limit)
  await publisher.relayOthers(others)
  await publisher.marked()
  return others.length === limit
}

// With several gateways, one closed time a tick is enough: each is read by every guard that ever
// starts.
const wasJustClosed = (tick: { t: EpochMs; closed: EpochMs }, tickMs: number): boolean =>
  tick.t - tick.closed < tickMs / 2

/**
 * The closed time must land above everything that was acknowledged: a log that was made again
 * without failing a request is found out by the offset (H5), and then nothing is closed in it.
 */
const close = async (
  { log, store, encoder, identity }: RelayParts,
  logId: LogId,
  { t, acknowledged, logId: tickLogId }: Tick,
): Promise<EpochMs> => {
  const { end } = await log.bounds(revocations)
  const least = tickLogId === logId && acknowledged ? acknowledged.offset : -1
  if (end <= least) return refuse(identity)
  const [offset] = await log.publish([encodeClosedTime(encoder.source, encoder.ring, { t, logId })])
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

/**
 * Runs until `signal` aborts. A failed run is logged when the one before did not fail or failed
 * otherwise, and once a minute; the next one begins anew.
 */
export const runRelay = async (
  parts: RelayParts,
  onRun: (failure: Error | null) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger, tickMs, identity } = parts
  let failures = 0
  let told = { message: '', atMs: 0 }
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs()
    let more = false
    try {
      more = (await relayStep(parts)).more
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
