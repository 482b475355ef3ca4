// Node finds only some of the names that this CommonJS module exports; the rest come through its
// default.
import kafkajs, { type Admin, type ConfigSource } from 'kafkajs'
import type { Topic } from '../../events/record.ts'
import { AuthError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import {
  describeMistakes,
  type FoundTopic,
  leastRetentionMs,
  needsLongerRetention,
  type TopicMistake,
  topicMistakes,
  topicWarnings,
  type WantedTopic,
} from './topic-mistakes.ts'

export type TopicPlan = Readonly<{
  prefix: string
  eventPartitions: number
  revocationRetentionMs: number
  bootstrap: string
  logger: Logger
  onWarning: (warning: string) => void
}>

export const topics: readonly Topic[] = ['auth.events', 'auth.revocations', 'auth.deadletters']

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

const settingsOf = (wanted: WantedTopic, replication: number): { name: string; value: string }[] =>
  Object.entries({
    'cleanup.policy': 'delete',
    'retention.ms': String(wanted.retentionMs),
    'retention.bytes': '-1',
    'message.timestamp.type': 'LogAppendTime',
    // kafkajs reads no codec but gzip: another producer's zstd would stop every reader of ours.
    'compression.type': 'uncompressed',
    'min.insync.replicas': replication >= 3 ? '2' : '1',
    'unclean.leader.election.enable': 'false',
  }).map(([name, value]) => ({ name, value }))

const createMissing = async (admin: Admin, missing: readonly WantedTopic[]): Promise<void> => {
  if (missing.length === 0) return
  const { brokers } = await admin.describeCluster()
  const replicationFactor = Math.min(3, brokers.length)
  await admin.createTopics({
    topics: missing.map((wanted) => ({
      topic: wanted.name,
      numPartitions: wanted.partitions,
      replicationFactor,
      configEntries: settingsOf(wanted, replicationFactor),
    })),
  })
}

type Setting = Readonly<{ name: string; value: string; configSource: ConfigSource }>

const settingsIn = async (admin: Admin, name: string): Promise<readonly Setting[]> => {
  const { resources } = await admin.describeConfigs({
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
    includeSynonyms: false,
  })
  return (resources[0]?.configEntries ?? []).map((entry) => ({
    name: entry.configName,
    value: entry.configValue,
    configSource: entry.configSource,
  }))
}

/**
 * Kafka's AlterConfigs replaces all of a topic's settings, so those set on the topic are sent
 * along.
 */
const raiseRetention = async (
  admin: Admin,
  wanted: WantedTopic,
  settings: readonly Setting[],
): Promise<void> => {
  const own = settings.filter(
    ({ name, configSource }) =>
      configSource === kafkajs.ConfigSource.TOPIC_CONFIG && name !== 'retention.ms',
  )
  const configEntries = [
    ...own.map(({ name, value }) => ({ name, value })),
    { name: 'retention.ms', value: String(wanted.retentionMs) },
  ]
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: wanted.name, configEntries }],
  })
}

type Partitions = ReadonlyMap<string, Readonly<{ count: number; replication: number }>>

const partitionsOf = async (admin: Admin, names: readonly string[]): Promise<Partitions> => {
  if (names.length === 0) return new Map()
  const metadata = await admin.fetchTopicMetadata({ topics: [...names] })
  return new Map(
    metadata.topics.map(({ name, partitions }) => {
      const replicas = partitions.map((partition) => partition.replicas.length)
      return [name, { count: partitions.length, replication: Math.min(...replicas) }]
    }),
  )
}

const refuse = (mistakes: readonly TopicMistake[]): void => {
  if (mistakes.length === 0) return
  throw new AuthError('LOG_TOPIC_WRONG', `topics are wrong:\n  ${describeMistakes(mistakes)}`)
}

const inspect = async (
  admin: Admin,
  { bootstrap, logger, onWarning }: TopicPlan,
  wanted: WantedTopic,
  partitions: Partitions,
): Promise<readonly TopicMistake[]> => {
  const { count, replication } = partitions.get(wanted.name) ?? { count: 0, replication: 0 }
  const found = (settings: readonly Setting[]): FoundTopic => ({
    partitions: count,
    replication,
    settings: new Map(settings.map(({ name, value }) => [name, value])),
  })
  let settings = await settingsIn(admin, wanted.name)
  if (needsLongerRetention(wanted, found(settings))) {
    await raiseRetention(admin, wanted, settings)
    logger.info({ topic: wanted.name, retentionMs: wanted.retentionMs }, 'retention raised')
    settings = await settingsIn(admin, wanted.name)
  }
  topicWarnings(wanted, found(settings)).forEach(onWarning)
  return topicMistakes(wanted, found(settings), bootstrap)
}

/**
 * Creates the topics that are missing, raises the retention of `auth.revocations` if a longer
 * lifetime asks for it, and checks the rest. Returns the number of partitions by name.
 * Not promised: that of two gateways with different lifetimes, started in the same instant, the
 * longer wins at once (kafkajs has no incremental alteration); the next start mends it.
 * @throws AuthError LOG_TOPIC_WRONG with the commands that mend it
 */
export const prepareTopics = async (admin: Admin, plan: TopicPlan): Promise<Partitions> => {
  const wanted = wantedTopics(plan)
  const existing = new Set(await admin.listTopics())
  await createMissing(
    admin,
    wanted.filter(({ name }) => !existing.has(name)),
  )
  const partitions = await partitionsOf(
    admin,
    wanted.map(({ name }) => name),
  )
  const mistakes: TopicMistake[] = []
  for (const topic of wanted) mistakes.push(...(await inspect(admin, plan, topic, partitions)))
  refuse(mistakes)
  return partitions
}

/**
 * What a reader may check without the right to see settings: the number of partitions of what
 * exists.
 */
export const checkTopics = async (admin: Admin, plan: TopicPlan): Promise<Partitions> => {
  const existing = new Set(await admin.listTopics())
  const wanted = wantedTopics(plan).filter(({ name }) => existing.has(name))
  const partitions = await partitionsOf(
    admin,
    wanted.map(({ name }) => name),
  )
  refuse(
    wanted.flatMap((topic) => {
      const { count, replication } = partitions.get(topic.name) ?? { count: 0, replication: 0 }
      const found = { partitions: count, replication, settings: new Map<string, string>() }
      return topicMistakes(topic, found, plan.bootstrap)
    }),
  )
  return partitions
}
