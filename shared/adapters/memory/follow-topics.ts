import { setImmediate } from 'node:timers/promises'
import type { Topic } from '../../events/log-record.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { ChangeSignal } from '../../kernel/concurrency/change-signal.ts'
import type { Following, FollowOptions, LogBatch } from '../../ports/event-log.ts'

const batchMax = 500
const firstWaitMs = 20
const waitMsMax = 1_000

/** A log with one partition a topic that is read by calling it; both embedded logs are such. */
export type TopicReader = Readonly<{
  /** At most `limit` records from `from` up, and the end as it was at that moment. */
  readTopic(topic: Topic, from: number, limit: number): LogBatch
  /** Woken after every write. */
  wakeups: ChangeSignal
  clock: Clock
}>

type Follower = TopicReader & Readonly<{ options: FollowOptions; signal: AbortSignal }>

/** Repeats `work` until it succeeds; `undefined` when the follower was stopped first. */
const persist = async <T>(
  { clock, options, signal }: Follower,
  work: () => Promise<T>,
): Promise<T | undefined> => {
  for (let wait = firstWaitMs; !signal.aborted; wait = Math.min(wait * 2, waitMsMax)) {
    try {
      return await work()
    } catch (error) {
      options.onTrouble?.(error as Error)
      await clock.sleep(wait, signal)
    }
  }
  return undefined
}

// An offset beyond the end comes from another log: it begins at its start, as one below the start
// does.
const batchFrom = ({ readTopic }: Follower, topic: Topic, next: number): LogBatch => {
  const first = readTopic(topic, next, batchMax)
  const batch = next > first.end ? readTopic(topic, 0, batchMax) : first
  return { ...batch, more: (batch.records.at(-1)?.offset ?? batch.end) + 1 < batch.end }
}

const followTopic = async (follower: Follower, topic: Topic): Promise<void> => {
  const { options, signal, wakeups } = follower
  let next = await persist(follower, () => options.resumeAt({ topic, partition: 0 }))
  while (next !== undefined && !signal.aborted) {
    const from = next
    // Taken before the read: a write that comes while its outcome travels here must not be slept
    // over.
    const seen = wakeups.count()
    const batch = await persist(follower, async () => batchFrom(follower, topic, from))
    const last = batch?.records.at(-1)
    if (!batch || !last) {
      await wakeups.changedSince(seen, signal)
      continue
    }
    const place = { next: last.offset + 1 }
    const goOnAt = (offset: number): void => {
      place.next = offset
    }
    await persist(follower, () => options.onBatch(batch, goOnAt))
    next = place.next
    // A long backlog must not starve the process: promises alone never let it look at its sockets.
    if (batch.records.length === batchMax) await setImmediate()
  }
}

/**
 * Follows every topic of `options` on its own; the group is ignored, since fences in the views
 * decide.
 */
export const followTopics = (reader: TopicReader, options: FollowOptions): Following => {
  const stopping = new AbortController()
  const follower = { ...reader, options, signal: stopping.signal }
  const done = Promise.all(options.topics.map((topic) => followTopic(follower, topic)))
  return {
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}
