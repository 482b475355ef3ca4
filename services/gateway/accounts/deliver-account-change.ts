import type { NewCommit } from '../../../shared/events/commit.ts'
import {
  combinedDelivery,
  type Delivery,
  type DeliveryDeps,
  deliver,
} from '../revocations/index.ts'

/**
 * Publishes the commits of one change of an account, and waits until the log has those that revoke
 * something. Their combined delivery is pending if one of them is. `null` when the
 * change revoked nothing.
 */
export const deliverAccountChange = async (
  deps: DeliveryDeps,
  commits: readonly NewCommit[],
): Promise<Delivery | null> => {
  for (const commit of commits) if (commit.kind === 'o') deps.publisher.enqueue(commit)
  const ending = commits.filter(({ kind }) => kind === 'r')
  const deliveries = await Promise.all(ending.map((commit) => deliver(deps, commit)))
  return deliveries.length === 0 ? null : combinedDelivery(deliveries)
}
