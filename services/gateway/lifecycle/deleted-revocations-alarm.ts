import type { Meter } from '../../../shared/metrics/meter.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import { attachedGuards } from '../guards/index.ts'
import type { CommandContext, DeletedRevocations } from '../publication/index.ts'

type Deps = Readonly<{
  context: Pick<CommandContext, 'storeClock' | 'logger'>
  guards: GuardRegistry
  meter: Meter | null
}>

const namesMax = 20

/** Attached guards that are not ready; those that began before the deletion keep what they know. */
const unreadyGuards = async (deps: Deps): Promise<readonly string[]> => {
  const guards = await attachedGuards(deps).catch(() => [])
  return guards
    .filter(({ ready }) => !ready)
    .map(({ name, instance }) => `${name}/${instance}`)
    .slice(0, namesMax)
}

/**
 * Counts and logs that records of revocations in force were deleted from the log: how many, which
 * keys, and which guards cannot be fresh until the relay has published them again.
 */
export const alarmDeletedRevocations =
  (deps: Deps) =>
  async ({ count, start, from, to, keys }: DeletedRevocations): Promise<void> => {
    const { meter } = deps
    const { logger } = deps.context
    meter?.count('curfew_log_deleted_revocations_total', {}, count)
    const guards = await unreadyGuards(deps)
    logger.error(
      { count, logStart: start, from, to, keys, guards },
      'records of revocations in force were deleted from auth.revocations (its retention was ' +
        'lowered, or somebody deleted records): they are told again now. Readers that began ' +
        'before keep what they know; those that begin now are not fresh until then',
    )
  }
