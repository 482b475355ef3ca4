import type { MacRing } from '../../../shared/events/mac.ts'
import { foreignWriter, refuseForeignTopics } from '../../../shared/fleet/topic-owner.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { type AuthError, isAuthError } from '../../../shared/kernel/errors.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import { foreignFleetText } from '../../../shared/kernel/logging/foreign-fleet-text.ts'
import { RepeatedTrouble } from '../../../shared/kernel/logging/repeated-trouble.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { Progress } from './health.ts'

const everyMs = 60_000

export type FleetWatchParts = Readonly<{
  log: EventLog
  ring: MacRing
  clock: Clock
  logger: Logger
  progress: Progress
}>

/** FLEET_CONFLICT when the topics are another fleet's; `null` also when it cannot be known. */
export const topicConflict = (deps: FleetWatchParts): Promise<AuthError | null> =>
  refuseForeignTopics(deps).then(
    () => null,
    (error: unknown) => (isAuthError(error, 'FLEET_CONFLICT') ? error : null),
  )

/**
 * Looks once a minute whether another fleet writes to the same topics: readers pass over it, and
 * somebody should hear of it. Never a reason to end.
 */
export const watchFleet = async (deps: FleetWatchParts, signal: AbortSignal): Promise<void> => {
  const { clock, logger, progress } = deps
  const told = new RepeatedTrouble(clock)
  while (!signal.aborted) {
    // What cannot be read now is looked at again; the log says why it does not answer.
    const fleet = await foreignWriter(deps).catch(() => undefined)
    if (fleet !== undefined) progress.foreign = fleet === null ? null : foreignFleetText(fleet)
    const times = fleet ? told.occurred(fleet) : null
    if (fleet && times !== null) {
      logger.error({ code: 'FLEET_CONFLICT', fleet, times }, foreignFleetText(fleet))
    }
    await clock.sleep(everyMs, signal)
  }
}
