import type { NewCommit } from '../../../shared/events/commit.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { isTooLarge, type OversizedCommits } from './oversized-commits.ts'
import type { PublishedAt, PublishQueue } from './publish-queue.ts'

type Enqueue = (commit: NewCommit, alone: boolean) => Promise<PublishedAt>
type LogStart = Readonly<{ logId: LogId | null; offset: number }>

/**
 * Publishes a page of the relay and answers the outcome of each commit, in the same order.
 * - A commit that is queued or in flight already shares that outcome.
 * - A commit that was too large before is not sent again, and has the outcome it had. Two are
 *   exceptions, and are sent in a request of their own: one whose revocation this log lost, and
 *   once a run the first one that is due for a retry.
 */
export const publishRelayPage = (
  commits: readonly NewCommit[],
  queue: Pick<PublishQueue, 'find'>,
  oversized: OversizedCommits,
  logStart: LogStart,
  enqueue: Enqueue,
): Promise<PublishedAt>[] => {
  let hasRetried = false
  return commits.map((commit) => {
    const queued = queue.find(commit)
    if (queued) return queued.done
    const outcome = oversized.knownOutcome(commit)
    if (!outcome) return enqueue(commit, false)
    const isGone = oversized.isRevocationGone(commit, logStart.logId, logStart.offset)
    if (isGone) return enqueue(commit, true)
    if (hasRetried || !oversized.isDueForRetry(commit)) return outcome
    hasRetried = true
    outcome.catch(() => {})
    return enqueue(commit, true)
  })
}

export const isPublishedOrTooLarge = (answer: PromiseSettledResult<PublishedAt>): boolean =>
  answer.status === 'fulfilled' || isTooLarge(answer.reason)
