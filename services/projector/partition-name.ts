import type { Partition } from '../../shared/ports/event-log.ts'

/** Under which maps by partition keep what they know of one. */
export const partitionName = ({ topic, partition }: Partition): string => `${topic}/${partition}`
