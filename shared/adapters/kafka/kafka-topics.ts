// Node finds only some of the names that this CommonJS module exports; the rest come through its
// default.
import kafkajs, { type Admin, type ConfigSource } from 'kafkajs'
import type { Topic } from '../../events/record.ts'
import type { Logger } from '../../kernel/logger.ts'
import {
  type FoundMistake,
  type FoundTopic,
  leastRetentionMs,
  needsLongerRetention,
  topicMistakes,
  topicWarnings,
  type WantedTopic,
} from './topic-mistakes.ts'

export type TopicPlan = Readonly<{
  prefix: string
  eventPartitions: number
  revocationRetentionMs: number
  bootstrap: string
  role: 'writer' | 'reader'
  logger: Logger
  onWarning: (warning: string) => void
}>

const topics: readonly Topic[] = ['auth.events', 'auth.revocations', 'auth.deadletters']

const wantedTopics = ({
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
    // Whoever reads it needs no codec.
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

/** The broker understood and said no: a right that is missing, a policy of whoever runs it. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && error.name === 'KafkaJSProtocolError' && !isRetriable(error)

const isRetriable = (error: Error): boolean => 'retriable' in error && error.retriable === true

const isDenial = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && error.type === 'TOPIC_AUTHORIZATION_FAILED'

/**
 * Kafka's AlterConfigs replaces all of a topic's settings, so those set on the topic are sent
 * along. `false` when it is refused, which ends nothing: the mistake that stays is told.
 */
const raiseRetention = async (
  admin: Admin,
  wanted: WantedTopic,
  settings: readonly Setting[],
): Promise<boolean> => {
  const own = settings.filter(
    ({ name, configSource }) =>
      configSource === kafkajs.ConfigSource.TOPIC_CONFIG && name !== 'retention.ms',
  )
  const configEntries = [
    ...own.map(({ name, value }) => ({ name, value })),
    { name: 'retention.ms', value: String(wanted.retentionMs) },
  ]
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: wanted.name, configEntries }
  try {
    await admin.alterConfigs({ validateOnly: false, resources: [resource] })
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

type Partitions = ReadonlyMap<string, Readonly<{ count: number; replication: number }>>
/** What a look at the topics saw. */
export type SeenTopics = Readonly<{
  partitions: Partitions
  mistakes: readonly FoundMistake[]
}>

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

/** `null` = this user may not see them. */
const visibleSettings = (admin: Admin, name: string): Promise<readonly Setting[] | null> =>
  settingsIn(admin, name).catch((error: unknown) => {
    if (isDenial(error)) return null
    throw error
  })

const inspect = async (
  admin: Admin,
  { bootstrap, logger, onWarning, role }: TopicPlan,
  wanted: WantedTopic,
  partitions: Partitions,
): Promise<readonly FoundMistake[]> => {
  const { count, replication } = partitions.get(wanted.name) ?? { count: 0, replication: 0 }
  const found = (settings: readonly Setting[]): FoundTopic => ({
    partitions: count,
    replication,
    settings: new Map(settings.map(({ name, value }) => [name, value])),
  })
  const visible = await visibleSettings(admin, wanted.name)
  let settings = visible ?? []
  if (role === 'writer') {
    if (visible === null) onWarning(`the settings of ${wanted.name} cannot be seen: ${deniedFix}`)
    if (needsLongerRetention(wanted, found(settings))) {
      if (await raiseRetention(admin, wanted, settings)) {
        logger.info({ topic: wanted.name, retentionMs: wanted.retentionMs }, 'retention raised')
        settings = await settingsIn(admin, wanted.name)
      }
    }
    if (visible !== null) topicWarnings(wanted, found(settings)).forEach(onWarning)
  }
  return topicMistakes(wanted, found(settings), bootstrap)
}

const deniedFix = 'allow this Kafka user DescribeConfigs on it'

const look = async (
  admin: Admin,
  plan: TopicPlan,
  wanted: readonly WantedTopic[],
): Promise<SeenTopics> => {
  const names = wanted.map(({ name }) => name)
  const partitions = await partitionsOf(admin, names)
  const mistakes = await Promise.all(wanted.map((one) => inspect(admin, plan, one, partitions)))
  return { partitions, mistakes: mistakes.flat() }
}

/**
 * Creates the topics that are missing, raises the retention of `auth.revocations` if a longer
 * lifetime asks for it, and looks at the rest.
 * Not promised: that of two gateways with different lifetimes, started in the same instant, the
 * longer wins at once (kafkajs has no incremental alteration); the next look mends it.
 */
const prepareTopics = async (admin: Admin, plan: TopicPlan): Promise<SeenTopics> => {
  const wanted = wantedTopics(plan)
  const existing = new Set(await admin.listTopics())
  await createMissing(
    admin,
    wanted.filter(({ name }) => !existing.has(name)),
  )
  return look(admin, plan, wanted)
}

/**
 * A reader looks at what exists, and at partitions only where it may not see settings. Warnings are
 * the writers' matter.
 */
const checkTopics = async (admin: Admin, plan: TopicPlan): Promise<SeenTopics> => {
  const existing = new Set(await admin.listTopics())
  return look(
    admin,
    plan,
    wantedTopics(plan).filter(({ name }) => existing.has(name)),
  )
}

/** Rejects as kafkajs does; wrong topics are an answer, not a failure. */
export const seeTopics = (admin: Admin, plan: TopicPlan): Promise<SeenTopics> =>
  plan.role === 'writer' ? prepareTopics(admin, plan) : checkTopics(admin, plan)
