import { setImmediate } from 'node:timers/promises'
import type { Hold, HoldScope } from '../../../shared/fleet/holds/index.ts'
import { actorIn, type ExportedLeaf, instantIn, kindOf } from '../export-formats/index.ts'
import { isChosen, leavesOf } from '../exports/index.ts'
import type { TrailFiles } from '../files/index.ts'
import type { RetainedLog } from './plan-retention.ts'

const breathEvery = 256

/** What is no event of Curfew’s, or too large for the trail, does not say whom it is about. */
const isUnreadable = (leaf: ExportedLeaf): boolean =>
  ['OpaqueRecord', 'LargeRecord'].includes(kindOf(leaf))

/**
 * Whether a hold covers the leaf. A held user may also have acted on somebody else, so the actor
 * counts too.
 */
const isHeld = (
  leaf: ExportedLeaf,
  { user, session, client, since, until }: HoldScope,
): boolean => {
  if (kindOf(leaf) === 'MissingRecord') return false
  const at = instantIn(leaf)
  const isOutside =
    at !== null && ((since !== null && at < since) || (until !== null && at >= until))
  if (isOutside) return false
  if (isUnreadable(leaf)) return true
  const isOf = (filter: Parameters<typeof isChosen>[0]): boolean => isChosen(filter, leaf)
  return (
    (session === null || isOf({ session })) &&
    // The user of a session is known, so each event of it need not name the user.
    (user === null || session !== null || isOf({ user }) || actorIn(leaf).id === user) &&
    (client === null || isOf({ client }))
  )
}

export type HeldLeaf = Readonly<{ log: RetainedLog; index: number; hold: Hold }>

/**
 * The first leaf that would go and must not; `null` where none is held. Without holds nothing is
 * read.
 * @throws AuthError TRAIL_INVALID where a leaf is not there
 */
export const firstHeldLeaf = async (
  files: TrailFiles,
  logs: readonly RetainedLog[],
  holds: readonly Hold[],
): Promise<HeldLeaf | null> => {
  if (holds.length === 0) return null
  for (const log of logs) {
    if (log.from === log.to) continue
    const place = { ...log, note: '' }
    for (const leaf of leavesOf(files, place, log.from)) {
      if (leaf.index >= log.to) break
      const hold = holds.find(({ scope }) => isHeld(leaf, scope))
      if (hold) return { log, index: leaf.index, hold }
      if (leaf.index % breathEvery === 0) await setImmediate()
    }
  }
  return null
}
