// Node finds only some of the names that this CommonJS module exports; the rest come through its
// default.
import kafkajs, { type Admin } from 'kafkajs'
import type { Clock } from '../../../kernel/clock.ts'
import { createMissingTopics } from './create-topics.ts'
import { raiseRetention, type Setting } from './raise-retention.ts'
import {
  type FoundMistake,
  type FoundTopic,
  isShorter,
  needsLongerRetention,
  settingAsNumber,
  topicMistakes,
  type WantedTopic,
} from './topic-mistakes.ts'
import { type TopicPlan, wantedTopics } from './topic-plan.ts'

/**
 * Settings that weaken a promise and that an operator may have chosen; for a warning when they are
 * first seen. Pure.
 */
const topicWarnings = (wanted: WantedTopic, found: FoundTopic): readonly string[] => {
  const { name } = wanted
  const warnings: string[] = []
  const { replication, settings } = found
  if (replication < 3) {
    warnings.push(`${name} has ${replication} replica(s): the loss of one disk can lose a logout`)
  } else if (settingAsNumber(settings.get('min.insync.replicas')) < 2) {
    warnings.push(`${name} has min.insync.replicas below 2: one broker alone may acknowledge`)
  }
  if (settings.get('unclean.leader.election.enable') === 'true') {
    warnings.push(`${name} allows unclean leader election: it can lose what was acknowledged`)
  }
  const retention = settingAsNumber(settings.get('retention.ms'))
  if (!wanted.retentionIsNeeded && isShorter(retention, wanted.retentionMs)) {
    warnings.push(`${name} keeps records for ${retention} ms only: older ones cannot be replayed`)
  }
  return warnings
}

const tryEveryMs = 100
const triesMax = 40

const notKnownYet = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])

/** kafkajs wraps what a broker answered once its own tries are used up. */
const saysNotKnownYet = (error: unknown): boolean =>
  error instanceof Error &&
  (('type' in error && notKnownYet.has(String(error.type))) || saysNotKnownYet(error.cause))

/**
 * Calls `look` again while a broker answers that it does not know a topic or its leader, for about
 * four seconds. A topic that was made a moment ago is known to the controller first and to each
 * broker a little later; a gateway that took that for a broker out of reach served on topics that
 * must stop its start. `look` may therefore be called often, and must not mind what it did before.
 */
export const whenTopicsAreKnown = async <T>(clock: Clock, look: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await look()
    } catch (error) {
      if (tries >= triesMax || !saysNotKnownYet(error)) throw error
    }
    await clock.sleep(tryEveryMs)
  }
}

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

type Partitions = ReadonlyMap<string, Readonly<{ count: number; replication: number }>>
/** What a look at the topics saw. */
export type TopicsFound = Readonly<{
  partitions: Partitions
  mistakes: readonly FoundMistake[]
  /** What this user may not look at or change, as text. */
  denied: readonly string[]
}>
type Inspected = Omit<TopicsFound, 'partitions'>

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

type Visible = Readonly<{ settings: readonly Setting[]; denied: string | null }>

const visibleSettings = async (
  admin: Admin,
  { denials }: TopicPlan,
  name: string,
): Promise<Visible> => {
  try {
    return { settings: await settingsIn(admin, name), denied: null }
  } catch (error) {
    const denied = denials.named(error, { what: name, topics: [name] })
    if (denied === null) throw error
    return { settings: [], denied }
  }
}

const inspect = async (
  admin: Admin,
  plan: TopicPlan,
  wanted: WantedTopic,
  partitions: Partitions,
): Promise<Inspected> => {
  const { bootstrap, logger, onWarning, role } = plan
  const { count, replication } = partitions.get(wanted.name) ?? { count: 0, replication: 0 }
  const found = (settings: readonly Setting[]): FoundTopic => ({
    partitions: count,
    replication,
    settings: new Map(settings.map(({ name, value }) => [name, value])),
  })
  const visible = await visibleSettings(admin, plan, wanted.name)
  let { settings } = visible
  const denied: string[] = []
  // Readers look at settings where they may, and need not.
  if (role === 'writer') {
    if (visible.denied === null) topicWarnings(wanted, found(settings)).forEach(onWarning)
    else if (wanted.topic === 'auth.deadletters') onWarning(visible.denied)
    else denied.push(visible.denied)
    if (needsLongerRetention(wanted, found(settings))) {
      const refused = await raiseRetention(admin, plan, wanted, settings)
      if (refused === null) {
        logger.info({ topic: wanted.name, retentionMs: wanted.retentionMs }, 'retention raised')
        settings = await settingsIn(admin, wanted.name)
      } else denied.push(refused)
    }
  }
  return { mistakes: topicMistakes(wanted, found(settings), bootstrap), denied }
}

const look = async (
  admin: Admin,
  plan: TopicPlan,
  wanted: readonly WantedTopic[],
): Promise<TopicsFound> => {
  const names = wanted.map(({ name }) => name)
  const partitions = await partitionsOf(admin, names)
  const seen = await Promise.all(wanted.map((one) => inspect(admin, plan, one, partitions)))
  return {
    partitions,
    mistakes: seen.flatMap(({ mistakes }) => mistakes),
    denied: seen.flatMap(({ denied }) => denied),
  }
}

/**
 * Creates the topics that are missing, raises the retention of `auth.revocations` if a longer
 * lifetime asks for it, and looks at the rest.
 * Not promised: that of two gateways with different lifetimes, started in the same instant, the
 * longer wins at once (kafkajs has no incremental alteration); the next look mends it.
 */
const prepareTopics = async (admin: Admin, plan: TopicPlan): Promise<TopicsFound> => {
  const made = await createMissingTopics(admin, plan, wantedTopics(plan))
  return look(admin, plan, made)
}

/**
 * A reader looks at what exists, and at partitions only where it may not see settings. Warnings are
 * the writers' matter.
 */
const checkTopics = async (admin: Admin, plan: TopicPlan): Promise<TopicsFound> => {
  const existing = new Set(await admin.listTopics())
  return look(
    admin,
    plan,
    wantedTopics(plan).filter(({ name }) => existing.has(name)),
  )
}

/** Rejects as kafkajs does; wrong topics are an answer, not a failure. */
export const checkAllTopics = (admin: Admin, plan: TopicPlan): Promise<TopicsFound> => {
  const look = plan.role === 'writer' ? prepareTopics : checkTopics
  return whenTopicsAreKnown(plan.clock, () => look(admin, plan))
}
