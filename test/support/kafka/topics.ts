import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Fleet } from '../processes/fleet.ts'

type NewTopic = Readonly<{ partitions: number; settings?: Readonly<Record<string, string>> }>

/** What an operator does to a fleet's topics by hand. */
export type Topics = Readonly<{
  /** The name of a topic on the broker. */
  nameOf: (topic: string) => string
  create: (topic: string, how: NewTopic) => Promise<void>
  remove: (topic: string) => Promise<void>
  /** Records that are nobody's, as many. */
  write: (topic: string, count: number) => Promise<void>
}>

export const withTopics = async (
  fleet: Fleet,
  work: (topics: Topics) => Promise<void>,
): Promise<void> => {
  const brokers = (fleet.env['CURFEW_KAFKA_BROKERS'] ?? '').split(',')
  const kafka = new Kafka({ brokers, clientId: 'operator', logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const nameOf = (topic: string): string => (fleet.env['CURFEW_KAFKA_TOPIC_PREFIX'] ?? '') + topic
  await admin.connect()
  try {
    await work({
      nameOf,
      create: async (topic, { partitions, settings = {} }) => {
        const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
        await admin.createTopics({
          topics: [
            {
              topic: nameOf(topic),
              numPartitions: partitions,
              replicationFactor: 1,
              configEntries,
            },
          ],
        })
      },
      write: async (topic, count) => {
        const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
        await producer.connect()
        const messages = Array.from({ length: count }, () => ({ key: 'stray', value: 'stray' }))
        await producer.send({ topic: nameOf(topic), messages })
        await producer.disconnect()
      },
      remove: (topic) => admin.deleteTopics({ topics: [nameOf(topic)] }),
    })
  } finally {
    await admin.disconnect()
  }
}
