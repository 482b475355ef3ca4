// Node finds only some of the names that this CommonJS module exports; the rest come through its
// default.
import kafkajs, { type Admin, type ConfigSource } from 'kafkajs'
import type { WantedTopic } from './topic-mistakes.ts'
import type { TopicPlan } from './topic-plan.ts'

export type Setting = Readonly<{ name: string; value: string; configSource: ConfigSource }>

/**
 * Kafka's AlterConfigs replaces all of a topic's settings, so those set on the topic are sent
 * along. The denial when it is refused, which ends nothing: the mistake that stays is told.
 */
export const raiseRetention = async (
  admin: Admin,
  { denials }: TopicPlan,
  wanted: WantedTopic,
  settings: readonly Setting[],
): Promise<string | null> => {
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
    return null
  } catch (error) {
    const refused = denials.named(error, { what: wanted.name, topics: [wanted.name] })
    if (refused !== null) return refused
    // A policy of whoever runs the broker.
    if (isRefusal(error)) return `the broker does not take retention.ms=${wanted.retentionMs}`
    throw error
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'KafkaJSProtocolError' &&
  !('retriable' in error && error.retriable === true)
