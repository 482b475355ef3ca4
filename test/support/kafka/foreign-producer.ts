import { gzipSync } from 'node:zlib'
import kafkajs, { Kafka, logLevel, Partitioners } from 'kafkajs'
import { recordBytes } from './record-batches.ts'

/** Far beyond what a reader inflates of one batch; what lies on the broker is a thousandth. */
const bombBytes = 12 * 1024 * 1024
const manyHeaders = Array.from({ length: 60_000 }, (_, index) => [`h${index}`, 'x'] as const)

export type ForeignProducer = Readonly<{
  /** Settings of a topic, as an operator changes them; those that are not named stay. */
  set: (topic: string, settings: Readonly<Record<string, string>>) => Promise<void>
  /** One batch that inflates beyond any limit, in the codec that the topic recompresses to. */
  bomb: (topic: string) => Promise<void>
  /** A record with so many headers that whoever copies them one by one never ends. */
  manyHeaders: (topic: string) => Promise<void>
  /** A record with a header of no value, which is legal. */
  emptyHeader: (topic: string) => Promise<void>
}>

const gzipped = async <T>(bytes: Buffer, work: () => Promise<T>): Promise<T> => {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  const kept = CompressionCodecs[CompressionTypes.GZIP]
  const compress = async (): Promise<Buffer> => gzipSync(bytes)
  CompressionCodecs[CompressionTypes.GZIP] = () => ({ compress, decompress: compress })
  try {
    return await work()
  } finally {
    CompressionCodecs[CompressionTypes.GZIP] = kept
  }
}

/** Somebody else who may write to the topics: what a producer with the right to write can send. */
export const withForeignProducer = async (
  brokers: readonly string[],
  work: (foreign: ForeignProducer) => Promise<void>,
): Promise<void> => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const createPartitioner = Partitioners.DefaultPartitioner
  const producer = kafka.producer({ allowAutoTopicCreation: false, createPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  const compression = kafkajs.CompressionTypes.GZIP
  const send = async (topic: string, bytes: Buffer): Promise<void> => {
    await gzipped(bytes, () =>
      producer.send({ topic, compression, messages: [{ value: 'x', partition: 0 }] }),
    )
  }
  try {
    await work({
      set: async (topic, settings) => {
        const type = kafkajs.ConfigResourceTypes.TOPIC
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type, name: topic }],
        })
        const own = (resources[0]?.configEntries ?? [])
          .filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG)
          .map(({ configName, configValue }) => [configName, configValue] as const)
        const wanted = Object.entries({ ...Object.fromEntries(own), ...settings })
        const configEntries = wanted.map(([name, value]) => ({ name, value }))
        const change = { type, name: topic, configEntries }
        await admin.alterConfigs({ validateOnly: false, resources: [change] })
      },
      bomb: (topic) => send(topic, recordBytes({ delta: 0, value: '0'.repeat(bombBytes) })),
      manyHeaders: (topic) => send(topic, recordBytes({ delta: 0, headers: manyHeaders })),
      emptyHeader: async (topic) => {
        const headers = [['ce_id', null]] as const
        await send(topic, recordBytes({ delta: 0, value: 'x', headers }))
      },
    })
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()])
  }
}
