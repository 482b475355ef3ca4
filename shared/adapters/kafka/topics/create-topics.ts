import type { Admin } from 'kafkajs'
import type { WantedTopic } from './topic-mistakes.ts'
import type { TopicPlan } from './topic-plan.ts'

const settingsOf = (wanted: WantedTopic, replication: number): { name: string; value: string }[] =>
  Object.entries({
    'cleanup.policy': 'delete',
    'retention.ms': String(wanted.retentionMs),
    'retention.bytes': '-1',
    'message.timestamp.type': 'LogAppendTime',
    // Readers then need no codec.
    'compression.type': 'uncompressed',
    'min.insync.replicas': replication >= 3 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
  }).map(([name, value]) => ({ name, value }))

const create = async (admin: Admin, wanted: WantedTopic): Promise<void> => {
  const { brokers } = await admin.describeCluster()
  const replicationFactor = Math.min(3, brokers.length)
  await admin.createTopics({
    topics: [
      {
        topic: wanted.name,
        numPartitions: wanted.partitions,
        replicationFactor,
        configEntries: settingsOf(wanted, replicationFactor),
      },
    ],
  })
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION'

/** One that a list left out may be there: a broker lists what this user may see. */
const makeOne = async (admin: Admin, wanted: WantedTopic): Promise<void> => {
  try {
    await admin.fetchTopicMetadata({ topics: [wanted.name] })
  } catch (error) {
    if (!isAbsent(error)) throw error
    await create(admin, wanted)
  }
}

/**
 * Creates those of `wanted` that are missing, and answers those that are there then. One that
 * gateways themselves never touch may stay unseen: somebody else looks after it.
 */
export const createMissingTopics = async (
  admin: Admin,
  { denials, onWarning }: TopicPlan,
  wanted: readonly WantedTopic[],
): Promise<readonly WantedTopic[]> => {
  const listed = new Set(await admin.listTopics())
  const made: WantedTopic[] = []
  for (const one of wanted) {
    try {
      if (!listed.has(one.name)) await makeOne(admin, one)
      made.push(one)
    } catch (error) {
      const denied = denials.named(error, { what: one.name, topics: [one.name] })
      if (denied === null || one.topic !== 'auth.deadletters') throw error
      onWarning(`${one.name} is left to others: ${denied}`)
    }
  }
  return made
}
