import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Lane } from '../../../shared/ports/audit-index.ts'
import { type Asking, firstOf } from '../audit/index.ts'

/**
 * For which time an answer has all that the log has: from its oldest event on, up to the instant at
 * which the index was last seen to have all of it. `null`: not known (yet).
 */
export type Coverage = Readonly<{ from: EpochMs | null; to: EpochMs | null }>

/** The lane of each partition that is filled now; those before it are of another log. */
const currentLanes = (lanes: readonly Lane[]): readonly Lane[] => [
  ...new Map(lanes.map((lane) => [lane.partition, lane])).values(),
]

const through = (lanes: readonly Lane[]): EpochMs | null =>
  lanes.reduce<EpochMs | null>(
    (least, { through: at }) => (least === null || at === null || at < least ? at : least),
    lanes[0]?.through ?? null,
  )

/** @throws AuthError AUDIT_UNFILLED, STORE_UNAVAILABLE */
export const coverageOf = async (asking: Asking): Promise<Coverage> => {
  const [lanes, oldest] = await Promise.all([
    asking.index.lanes(),
    firstOf(asking, {}, { order: 'oldest' }),
  ])
  return { from: oldest?.at ?? null, to: through(currentLanes(lanes)) }
}
