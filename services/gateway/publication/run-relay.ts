import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type RelayDeps, relayStep } from './relay.ts'
import { republishFarBehind } from './republish-far-behind.ts'

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
