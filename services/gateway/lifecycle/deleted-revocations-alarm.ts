import type { Logger } from '../../../shared/kernel/logger.ts'
import type { Meter } from '../../../shared/metrics/meter.ts'
import { attachedGuards } from '../guards/attached-guards.ts'
import type { GatewayParts } from '../parts.ts'
import type { Deletion } from '../publication/deleted-revocations.ts'

type Parts = Pick<GatewayParts, 'guards' | 'storeClock'> &
  Readonly<{ logger: Logger; meter: Meter | null }>

const namesMax = 20

/** Whoever reads now: those that began before the deletion keep what they heard. */
const unreadyGuards = async (parts: Parts): Promise<readonly string[]> => {
  const guards = await attachedGuards(parts).catch(() => [])
  return guards
    .filter(({ ready }) => !ready)
    .map(({ name, instance }) => `${name}/${instance}`)
    .slice(0, namesMax)
}

/**
 * An alarm when records of revocations in force were deleted from the log: what is gone, whom it is
 * about, and who cannot be fresh until it was told again.
 */
export const tellOfDeletion =
  (parts: Parts) =>
  async ({ count, start, from, to, keys }: Deletion): Promise<void> => {
    const { logger, meter } = parts
    meter?.count('curfew_log_deleted_revocations_total', {}, count)
    const guards = await unreadyGuards(parts)
    logger.error(
      { count, logStart: start, from, to, keys, guards },
      'records of revocations in force were deleted from auth.revocations (its retention was ' +
        'lowered, or somebody deleted records): they are told again now. Readers that began ' +
        'before keep what they know; those that begin now are not fresh until then',
    )
  }
