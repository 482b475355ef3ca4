import { type Admin, Kafka, logLevel } from 'kafkajs'
import { electPreferred, type Partition } from '../kafka/kafka-wire.ts'
import { until } from '../until.ts'

const topicResource = 2
const topicSource = 1

/** What an administrator does to topics by hand, on one broker or on three. */
export type KafkaOperator = Readonly<{
  admin: Admin
  /** Node ids of a partition: its leader, its replicas in order of preference, those in sync. */
  placeOf: (
    at: Partition,
  ) => Promise<Readonly<{ leader: number; replicas: readonly number[]; isr: readonly number[] }>>
  /** The leader steps down for `to`, or for another in sync; answers the new one. */
  stepDown: (at: Partition, to?: number) => Promise<number>
  /** The partition's records below `offset` are deleted; without it all of them. */
  deleteRecords: (at: Partition, offset?: string) => Promise<void>
  /** Sets these, leaves the topic's other settings as they are; `null` = the broker's default. */
  alter: (topic: string, settings: Readonly<Record<string, string | null>>) => Promise<void>
  /** The topic's own settings, without what the broker's defaults say. */
  settings: (topic: string) => Promise<Readonly<Record<string, string>>>
  close: () => Promise<void>
}>

const places =
  (admin: Admin): KafkaOperator['placeOf'] =>
  async ({ topic, partition }) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const found = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)
    if (!found) throw new Error(`there is no ${topic}/${partition}`)
    return found
  }

const ownSettings = async (admin: Admin, topic: string): Promise<Record<string, string>> => {
  const resources = [{ type: topicResource, name: topic }]
  const described = await admin.describeConfigs({ resources, includeSynonyms: false })
  const entries = described.resources[0]?.configEntries ?? []
  return Object.fromEntries(
    entries
      .filter((entry) => 'configSource' in entry && entry.configSource === topicSource)
      .map(({ configName, configValue }) => [configName, configValue]),
  )
}

const stepDowns =
  (admin: Admin, port: number): KafkaOperator['stepDown'] =>
  async (at, to) => {
    const placeOf = places(admin)
    const { leader, replicas, isr } = await placeOf(at)
    const next = to ?? isr.find((id) => id !== leader)
    if (next === undefined) throw new Error('nobody else is in sync')
    const preference = [next, ...replicas.filter((id) => id !== next)]
    const partitionAssignment = [{ partition: at.partition, replicas: preference }]
    await admin.alterPartitionReassignments({ topics: [{ topic: at.topic, partitionAssignment }] })
    await until(`${next} leads`, async () => {
      await electPreferred(port, at)
      return (await placeOf(at)).leader === next
    })
    return next
  }

/** A connection of its own: kafkajs looks for the leader in what the connection happens to know. */
const deleteRecords = async (kafka: Kafka, at: Partition, offset: string): Promise<void> => {
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.fetchTopicOffsets(at.topic)
    await admin.deleteTopicRecords({
      topic: at.topic,
      partitions: [{ partition: at.partition, offset }],
    })
  } finally {
    await admin.disconnect()
  }
}

/** An administrator's connection; `close` ends it. */
export const openOperator = async (brokers: readonly string[]): Promise<KafkaOperator> => {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'operator',
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  await admin.connect()
  const port = Number(brokers[0]?.split(':').at(-1))
  /** What this operator set, by topic: a broker that is asked may not have heard of it yet. */
  const altered = new Map<string, Readonly<Record<string, string | null>>>()
  return {
    admin,
    placeOf: places(admin),
    stepDown: stepDowns(admin, port),
    deleteRecords: (at, offset = '-1') => deleteRecords(kafka, at, offset),
    alter: async (topic, changes) => {
      // Kafka's old request, the one that kafkajs has, forgets what it does not name.
      const own = { ...altered.get(topic), ...changes }
      const wanted = { ...(await ownSettings(admin, topic)), ...own }
      const configEntries = Object.entries(wanted).flatMap(([name, value]) =>
        value === null ? [] : [{ name, value }],
      )
      const resources = [{ type: topicResource, name: topic, configEntries }]
      await admin.alterConfigs({ validateOnly: false, resources })
      altered.set(topic, own)
    },
    settings: (topic) => ownSettings(admin, topic),
    close: () => admin.disconnect(),
  }
}
