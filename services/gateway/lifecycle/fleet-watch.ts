import type { MacRing } from '../../../shared/events/record-mac.ts'
import { foreignWriter, refuseForeignTopics } from '../../../shared/fleet/topic-owner.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { foreignFleetText } from '../../../shared/kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { Progress } from './gateway-health.ts'

const everyMs = 60_000

export type FleetWatchDeps = Readonly<{
  log: EventLog
  ring: MacRing
  clock: Clock
  logger: Logger
  progress: Progress
}>

/** FLEET_CONFLICT if another fleet owns the topics; `null` also if that cannot be found out. */
export const topicConflict = (deps: FleetWatchDeps): Promise<AuthError | null> =>
  refuseForeignTopics(deps).then(
    () => null,
    (error: unknown) => (isAuthError(error, 'FLEET_CONFLICT') ? error : null),
  )

/**
 * Checks once a minute whether another fleet writes to the same topics, and logs it. Readers skip
 * such records, so it never ends the process.
 */
export const watchFleet = async (deps: FleetWatchDeps, signal: AbortSignal): Promise<void> => {
  const { clock, logger, progress } = deps
  const troubles = new RepeatedTrouble(clock)
  while (!signal.aborted) {
    // A log that does not answer is logged elsewhere; the next check may find out.
    const fleet = await foreignWriter(deps).catch(() => undefined)
    if (fleet !== undefined) progress.foreign = fleet === null ? null : foreignFleetText(fleet)
    const times = fleet ? troubles.occurred(fleet) : null
    if (fleet && times !== null) {
      logger.error({ code: 'FLEET_CONFLICT', fleet, times }, foreignFleetText(fleet))
    }
    await clock.sleep(everyMs, signal)
  }
}
