import type { LogRecord, RawRecord, Topic } from '../../events/log-record.ts'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { ChangeSignal } from '../../kernel/concurrency/change-signal.ts'
import type { EventLog, Following } from '../../ports/event-log.ts'
import { followTopics } from './follow-topics.ts'

const rawOf = ({ topic, key, headers, value }: LogRecord, offset: number): RawRecord => ({
  topic,
  partition: 0,
  offset,
  key,
  headers: { ...headers },
  value,
})

/**
 * The executable model of an event log: one partition a topic, nothing is ever deleted, nothing
 * survives the process. `clock` paces repeated tries only.
 */
export const openMemoryEventLog = ({ clock = systemClock }: { clock?: Clock } = {}): EventLog => {
  const topics: Record<Topic, LogRecord[]> = {
    'auth.events': [],
    'auth.revocations': [],
    'auth.deadletters': [],
  }
  const wakeups = new ChangeSignal()
  const followings = new Set<Following>()
  const recordAt = (topic: Topic, offset: number): RawRecord | null => {
    const record = topics[topic][offset]
    return record ? rawOf(record, offset) : null
  }
  const reader = {
    clock,
    wakeups,
    readTopic: (topic: Topic, from: number, limit: number) => ({
      topic,
      partition: 0,
      records: topics[topic]
        .slice(from, from + limit)
        .map((record, index) => rawOf(record, from + index)),
      end: topics[topic].length,
    }),
  }
  return {
    publish: async (records) => {
      const offsets = records.map(
        (record) => topics[record.topic].push({ ...record, headers: { ...record.headers } }) - 1,
      )
      wakeups.notify()
      return offsets
    },
    partitions: async () => 1,
    bounds: async ({ topic }) => ({ start: 0, end: topics[topic].length }),
    endsBelow: async ({ topic }, offset) => topics[topic].length < offset,
    recordAt: async ({ topic }, offset) => recordAt(topic, offset),
    follow: async (options) => {
      const following = followTopics(reader, options)
      followings.add(following)
      return following
    },
    healthy: () => true,
    mistakes: () => [],
    denials: () => [],
    close: async () => {
      await Promise.all([...followings].map((following) => following.stop()))
    },
  }
}
