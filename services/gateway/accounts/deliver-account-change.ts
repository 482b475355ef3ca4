import type { NewCommit } from '../../../shared/events/commit.ts'
import { type Delivery, type DeliveryDeps, deliver } from '../revocations/index.ts'

/**
 * Publishes what changes of one account appended. Answers how far their revocations have come: one
 * that is pending makes the whole pending, and its position covers all. `null` when nothing of
 * anybody's ended.
 */
export const deliverAccountChange = async (
  deps: DeliveryDeps,
  commits: readonly NewCommit[],
): Promise<Delivery | null> => {
  for (const commit of commits) if (commit.kind === 'o') deps.publisher.enqueue(commit)
  const ending = commits.filter(({ kind }) => kind === 'r')
  const deliveries = await Promise.all(ending.map((commit) => deliver(deps, commit)))
  const pending = deliveries.find(({ status }) => status === 'pending')
  return pending ?? deliveries.at(-1) ?? null
}
