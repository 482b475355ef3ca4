import type { EpochMs } from '../../kernel/ids.ts'
import type { IndexBatch, Lane } from '../../ports/audit-index.ts'

export type LaneMove = Pick<IndexBatch, 'lane' | 'next' | 'lastId' | 'through'>

const newer = (a: EpochMs | null, b: EpochMs | null): EpochMs | null =>
  a === null || (b !== null && b > a) ? b : a

/**
 * A lane after a batch. One that is repeated late does not take the lane back; that the log was
 * indexed up to its end at some instant stays true, whoever saw it.
 */
export const movedLane = (held: Lane, { next, lastId, through = null }: LaneMove): Lane => ({
  ...held,
  ...(next > held.next && { next, lastId }),
  through: newer(held.through, through),
})

export const newLane = (lane: number, partition: number, terms: number): Lane => ({
  ...{ lane, partition, terms },
  ...{ next: 0, lastId: null, through: null },
})
