import { readHolds } from '../../../shared/fleet/holds/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { EventDeps } from '../publication/index.ts'
import type { Wanted } from './read-events.ts'

/**
 * Before which instant events of the time that is asked for were let go of; `null` where none of it
 * was. So an answer that has nothing is not taken for one that nothing happened.
 * @throws AuthError STORE_UNAVAILABLE
 */
export const letGoBefore = async (
  { context: { store } }: Pick<EventDeps, 'context'>,
  { since }: Pick<Wanted, 'since'>,
): Promise<EpochMs | null> => {
  const { retentions } = await readHolds(store)
  const before = Math.max(0, ...Object.values(retentions).map(({ told }) => told.before))
  return before > (since ?? 0) ? (before as EpochMs) : null
}
