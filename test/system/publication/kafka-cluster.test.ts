import { isDeepStrictEqual } from 'node:util'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import type { Partition } from '../../support/kafka/kafka-wire.ts'
import { notRun } from '../../support/not-run.ts'
import { findKafkaCluster, type KafkaCluster } from '../../support/servers/kafka-cluster.ts'
import { type KafkaOperator, openOperator } from '../../support/servers/kafka-operator.ts'
import { assert, type Claims, claims } from '../../support/suite.ts'
import { until } from '../../support/until.ts'

type Bench = Readonly<{
  operator: KafkaOperator
  write: (value: string) => Promise<void>
  read: readonly string[]
}>

const onBench = async (
  { brokers }: KafkaCluster,
  at: Partition,
  work: (bench: Bench) => Promise<void>,
): Promise<void> => {
  const retry = { initialRetryTime: 100, maxRetryTime: 400, retries: 100 }
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry })
  const operator = await openOperator(brokers)
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  const consumer = kafka.consumer({ groupId: at.topic, metadataMaxAge: 500 })
  const read: string[] = []
  try {
    await operator.admin.createTopics({
      topics: [{ topic: at.topic, numPartitions: 1, replicationFactor: 3 }],
      waitForLeaders: true,
    })
    await Promise.all([producer.connect(), consumer.connect()])
    await consumer.subscribe({ topic: at.topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => void read.push(String(message.value)),
    })
    const write = async (value: string): Promise<void> => {
      await producer.send({ topic: at.topic, acks: -1, messages: [{ value }] })
    }
    await work({ operator, write, read })
  } finally {
    await Promise.allSettled([consumer.disconnect(), producer.disconnect()])
    await operator.close()
  }
}

const hasRead = ({ read }: Bench, value: string): Promise<void> =>
  until(`${value} is read`, () => read.includes(value), 60_000)

const followed = { topic: 'followed', partition: 0 }
const altered = { topic: 'altered', partition: 0 }

const clusterClaims = (cluster: KafkaCluster): Claims => ({
  'a leader steps down, is killed and comes back, and its partition is written and read on': () =>
    onBench(cluster, followed, async (bench) => {
      const { operator, write } = bench
      await write('before')
      await hasRead(bench, 'before')
      const leader = await operator.stepDown(followed)
      assert.is((await operator.placeOf(followed)).leader, leader)
      await write('after the step down')
      await hasRead(bench, 'after the step down')
      await cluster.node(leader).control.kill9()
      await write('after the kill')
      await hasRead(bench, 'after the kill')
      assert.is.not((await operator.placeOf(followed)).leader, leader)
      await cluster.node(leader).control.restart()
      await cluster.whole()
      await until('it is in sync', async () => (await operator.placeOf(followed)).isr.length === 3)
      await operator.stepDown(followed, leader)
      await write('under the first leader')
      await hasRead(bench, 'under the first leader')
    }),
  'records are deleted and settings altered, one by one': () =>
    onBench(cluster, altered, async ({ operator, write }) => {
      for (const value of ['one', 'two', 'three']) await write(value)
      await operator.deleteRecords(altered, '2')
      const [offsets] = await operator.admin.fetchTopicOffsets(altered.topic)
      assert.equal([offsets?.low, offsets?.high], ['2', '3'])
      await operator.alter(altered.topic, { 'retention.ms': '60000' })
      await operator.alter(altered.topic, { 'compression.type': 'zstd' })
      const settings = { 'retention.ms': '60000', 'compression.type': 'zstd' }
      // A broker that is asked may hear of it a moment later than the one that took it.
      const areAltered = (wanted: object) =>
        until('the settings are known', async () =>
          isDeepStrictEqual(await operator.settings(altered.topic), wanted),
        )
      await areAltered(settings)
      await operator.alter(altered.topic, { 'retention.ms': null })
      await areAltered({ 'compression.type': 'zstd' })
    }),
})

const cluster = await findKafkaCluster()
if ('missing' in cluster) notRun('three brokers', cluster.missing)
else claims('three brokers', clusterClaims(cluster))
