import type { Meter } from '../../../shared/metrics/meter.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import { attachedGuards } from '../guards/index.ts'
import type { CommandContext, DeletedRevocations } from '../publication/index.ts'

type Parts = Readonly<{
  context: Pick<CommandContext, 'storeClock' | 'logger'>
  guards: GuardRegistry
  meter: Meter | null
}>

const namesMax = 20

/** Whoever reads now: those that began before the deletion keep what they heard. */
const unreadyGuards = async (deps: Parts): Promise<readonly string[]> => {
  const guards = await attachedGuards(deps).catch(() => [])
  return guards
    .filter(({ ready }) => !ready)
    .map(({ name, instance }) => `${name}/${instance}`)
    .slice(0, namesMax)
}

/**
 * An alarm when records of revocations in force were deleted from the log: what is gone, whom it is
 * about, and who cannot be fresh until it was told again.
 */
export const alarmDeletedRevocations =
  (deps: Parts) =>
  async ({ count, start, from, to, keys }: DeletedRevocations): Promise<void> => {
    const {
      context: { logger },
      meter,
    } = deps
    meter?.count('curfew_log_deleted_revocations_total', {}, count)
    const guards = await unreadyGuards(deps)
    logger.error(
      { count, logStart: start, from, to, keys, guards },
      'records of revocations in force were deleted from auth.revocations (its retention was ' +
        'lowered, or somebody deleted records): they are told again now. Readers that began ' +
        'before keep what they know; those that begin now are not fresh until then',
    )
  }
