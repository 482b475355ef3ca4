import type { NewCommit } from '../../../shared/events/commit.ts'
import type { GatewayParts } from '../parts.ts'
import { type Delivery, deliver } from '../revocations/delivery.ts'

/**
 * Publishes what changes of one account appended. Answers how far their revocations have come: one
 * that is pending makes the whole pending, and its position covers all. `null` when nothing of
 * anybody's ended.
 */
export const deliverAll = async (
  parts: GatewayParts,
  commits: readonly NewCommit[],
): Promise<Delivery | null> => {
  for (const commit of commits) if (commit.kind === 'o') parts.publisher.hand(commit)
  const ending = commits.filter(({ kind }) => kind === 'r')
  const deliveries = await Promise.all(ending.map((commit) => deliver(parts, commit)))
  const pending = deliveries.find(({ status }) => status === 'pending')
  return pending ?? deliveries.at(-1) ?? null
}
