import type { Topic } from '../../../events/log-record.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Logger } from '../../../kernel/logger.ts'
import type { AuthorizationFailures } from '../authorization/authorization-failures.ts'
import { leastRetentionMs, type WantedTopic } from './topic-mistakes.ts'

export type TopicPlan = Readonly<{
  prefix: string
  eventPartitions: number
  revocationRetentionMs: number
  bootstrap: string
  role: 'writer' | 'projector' | 'auditor' | 'reader'
  clock: Clock
  logger: Logger
  onWarning: (warning: string) => void
  denials: AuthorizationFailures
}>

const topics: readonly Topic[] = ['auth.events', 'auth.revocations', 'auth.deadletters']

export const wantedTopics = ({
  prefix,
  eventPartitions,
  revocationRetentionMs,
}: TopicPlan): readonly WantedTopic[] =>
  topics.map((topic) => {
    const isRevocations = topic === 'auth.revocations'
    return {
      topic,
      name: prefix + topic,
      partitions: topic === 'auth.events' ? eventPartitions : 1,
      partitionsAreFixed: isRevocations,
      retentionMs: isRevocations ? Math.max(leastRetentionMs, revocationRetentionMs) : -1,
      retentionIsNeeded: isRevocations,
    }
  })
