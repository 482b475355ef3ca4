import { isAuthError } from '../../../shared/kernel/errors.ts'
import type { EventStore, RelayScan } from '../../../shared/ports/event-store.ts'
import type { LogBounds } from './log-identity.ts'
import type { Publisher } from './publisher.ts'
import { type RelayDeps, relayStep } from './relay.ts'

/** A reader reads so many records in a fraction of a second. */
const farBehindRecords = 20_000
/** With more of them, reading the closed times in between makes little difference. */
const republishedMax = 500

type Deps = Readonly<{ store: EventStore; publisher: Publisher }>

/**
 * Publishes revocations again that lie far behind the log's end, if they are few, so that a reader
 * need not begin there: one that is in force for a day would make every start read a day of closed
 * times. Answers how many it published.
 */
export const republishFarBehind = async (
  { store, publisher }: Deps,
  { tick, low }: RelayScan,
  { end }: LogBounds,
): Promise<number> => {
  const from = end - farBehindRecords
  if (tick.logId === null || low === null || low >= from) return 0
  const far = await store.publishedBelow(tick.logId, from, tick.t, republishedMax + 1)
  if (far.length > republishedMax) return 0
  if (far.length > 0) await publisher.republish(far)
  return far.length
}

/** How often the same failure is logged again. */
const sameWarningEveryMs = 60_000
/** How often another failure is logged: two causes may alternate several times a second. */
const otherWarningEveryMs = 5_000
const upkeepEveryMs = 60_000

// A record that is too large, or a wrong setting of the topic, is no sign of another log.
const isUnrelatedToIdentity = (error: Error): boolean =>
  isAuthError(error, 'LOG_TOPIC_WRONG') || isAuthError(error, 'LOG_RECORD_TOO_LARGE')

/**
 * Once a minute, after a run that left nothing to do: checks the log's identity in the background,
 * and publishes revocations again that lie far behind the log's end.
 */
const runUpkeep = async (deps: RelayDeps): Promise<void> => {
  const { store, identity } = deps
  const bounds = await identity.readBounds()
  const scan = await store.relayScan(1, bounds.start)
  identity.recheckInBackground(scan.tick)
  await republishFarBehind(deps, scan, bounds)
}

/**
 * Runs the relay every `tickMs`, and at once again while the store has more, until `signal` aborts.
 * A failed run is logged if the run before it succeeded, if it failed for another reason (every 5 s
 * at most), and otherwise once a minute. The next run starts from the beginning.
 */
export const runRelay = async (
  deps: RelayDeps,
  onRun: (failure: Error | null) => void,
  signal: AbortSignal,
): Promise<void> => {
  const { clock, logger, tickMs, identity } = deps
  let failures = 0
  let lastWarning = { message: '', atMs: 0 }
  let upkeepAtMs = clock.monotonicMs() + upkeepEveryMs
  while (!signal.aborted) {
    const startedMs = clock.monotonicMs()
    let more = false
    try {
      more = (await relayStep(deps)).more
      if (!more && startedMs >= upkeepAtMs) {
        upkeepAtMs = startedMs + upkeepEveryMs
        await runUpkeep(deps)
      }
      if (failures > 0) logger.info({ failures }, 'the relay goes on')
      failures = 0
      lastWarning = { message: '', atMs: 0 }
      onRun(null)
    } catch (thrown) {
      const error = thrown as Error
      failures += 1
      if (!isUnrelatedToIdentity(error)) identity.requireVerification()
      const isSame = error.message === lastWarning.message
      const quietMs = isSame ? sameWarningEveryMs : otherWarningEveryMs
      if (failures === 1 || startedMs - lastWarning.atMs >= quietMs) {
        logger.warn({ error, failures }, 'the relay did not finish a run')
        lastWarning = { message: error.message, atMs: startedMs }
      }
      onRun(error)
    }
    const spentMs = clock.monotonicMs() - startedMs
    if (!more) await clock.sleep(Math.max(tickMs - spentMs, 1), signal)
  }
}
