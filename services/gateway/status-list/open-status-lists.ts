import type { Entropy } from '../../../shared/kernel/entropy.ts'
import type { Lister } from '../../../shared/session/listing.ts'
import type { AccessKeys } from '../../../shared/tokens/key-rings/index.ts'
import type { CommandContext, StoreClock } from '../publication/index.ts'
import { OpenLists } from './open-lists.ts'
import { listsAddress, StatusLists } from './status-lists.ts'

/** What puts tokens in lists, where the settings want that. */
export const statusListIndexOf = (
  { statusList }: Readonly<{ statusList: boolean }>,
  { entropy, storeClock }: Readonly<{ entropy: Entropy; storeClock: StoreClock }>,
): Lister | null => {
  if (!statusList) return null
  const lists = new OpenLists({ entropy, now: () => storeClock.now() })
  return (exp, epoch) => lists.draw(exp, epoch)
}

/** Serves lists whatever the settings say now: tokens may be in them from before. */
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
