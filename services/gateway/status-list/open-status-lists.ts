import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { AssignStatusListIndex } from '../../../shared/session/status-list-index.ts'
import type { AccessKeys } from '../../../shared/tokens/key-rings/index.ts'
import type { CommandContext, StoreClock } from '../publication/index.ts'
import { StatusListIndexes } from './status-list-indexes.ts'
import { listsAddress, StatusLists } from './status-lists.ts'

/** Assigns status-list indexes to tokens; `null` if the settings say no. */
export const openStatusListIndex = (
  { statusList }: Readonly<{ statusList: boolean }>,
  { entropy, storeClock }: Readonly<{ entropy: Entropy; storeClock: StoreClock }>,
): AssignStatusListIndex | null => {
  if (!statusList) return null
  const lists = new StatusListIndexes({ entropy, now: () => storeClock.now() })
  return (exp, epoch) => lists.assign(exp, epoch)
}

/** Serves lists even if new tokens get no index: older tokens may be in a list. */
export const openStatusLists = (
  { store, storeClock, clock, deadlineMs }: CommandContext,
  keys: AccessKeys,
  { statusListTtlMs, baseUrl }: Readonly<{ statusListTtlMs: number; baseUrl: string }>,
): StatusLists =>
  new StatusLists({
    store,
    storeClock,
    clock,
    keys,
    address: listsAddress(baseUrl),
    ttlMs: statusListTtlMs,
    deadlineMs,
  })
