import type { NewCommit } from '../../../shared/events/commit.ts'
import type { LogId } from '../../../shared/kernel/ids.ts'
import { isTooLarge, type OversizedCommits } from './oversized-commits.ts'
import type { PublishedAt, PublishQueue } from './publish-queue.ts'

type Enqueue = (commit: NewCommit, alone: boolean) => Promise<PublishedAt>
type Where = Readonly<{ logId: LogId | null; start: number }>

/**
 * A page of the relay's, each commit with its answer. Of those that the log refused before one is
 * tried again in a run, alone; besides those whose revocation this log has no more.
 */
export const publishPage = (
  commits: readonly NewCommit[],
  queue: Pick<PublishQueue, 'held'>,
  refusals: OversizedCommits,
  where: Where,
  enqueue: Enqueue,
): Promise<PublishedAt>[] => {
  let hasTried = false
  return commits.map((commit) => {
    const known = queue.held(commit)
    if (known) return known.done
    const refused = refusals.answer(commit)
    if (!refused) return enqueue(commit, false)
    if (refusals.isLost(commit, where.logId, where.start)) return enqueue(commit, true)
    if (hasTried || !refusals.isDue(commit)) return refused
    hasTried = true
    refused.catch(() => {})
    return enqueue(commit, true)
  })
}

export const isPublishedOrTooLarge = (answer: PromiseSettledResult<PublishedAt>): boolean =>
  answer.status === 'fulfilled' || isTooLarge(answer.reason)
