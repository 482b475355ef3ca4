import { randomBytes } from 'node:crypto'
import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type RawKafkaRequest =
  | Readonly<{ kind: 'open'; brokers: readonly string[]; topic: string }>
  | Readonly<{ kind: 'send'; count: number; valueBytes: number }>
/** One entry a message, in ms. */
export type RawKafkaReply = Readonly<{
  sentToConsumed: readonly number[]
  ackedToConsumed: readonly number[]
}>

type Open = Readonly<{
  producer: Producer
  consumer: Consumer
  topic: string
  close: () => Promise<void>
}>

let opened: Open | undefined
let consumed: (key: string, atMs: number) => void = () => {}

const nextConsumed = (key: string): Promise<number> =>
  new Promise((resolve) => {
    consumed = (found, atMs) => {
      if (found === key) resolve(atMs)
    }
  })

const one = async ({ producer, topic }: Open, value: Buffer): Promise<[number, number]> => {
  const key = randomBytes(8).toString('hex')
  const arrival = nextConsumed(key)
  const sentMs = sharedNowMs()
  await producer.send({ topic, acks: -1, messages: [{ key, value }] })
  const ackedMs = sharedNowMs()
  const atMs = await arrival
  return [atMs - sentMs, atMs - ackedMs]
}

/** Ends when the consumer really reads: its group has joined and a first message came through. */
const open = async (brokers: readonly string[], topic: string): Promise<Open> => {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'bench-raw',
    logLevel: logLevel.NOTHING,
  })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1 }] })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  const consumer = kafka.consumer({ groupId: topic, readUncommitted: true })
  await Promise.all([producer.connect(), consumer.connect()])
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => consumed(String(message.key), sharedNowMs()),
  })
  const close = async (): Promise<void> => {
    await Promise.allSettled([producer.disconnect(), consumer.disconnect()])
    await admin.deleteTopics({ topics: [topic] })
    await admin.disconnect()
  }
  const made = { producer, consumer, topic, close }
  await one(made, Buffer.alloc(1))
  return made
}

/**
 * kafkajs with its defaults, producer and consumer in one process: the latency that anything built
 * on it starts from.
 */
serve<RawKafkaRequest, RawKafkaReply>(
  async (request) => {
    const sentToConsumed: number[] = []
    const ackedToConsumed: number[] = []
    if (request.kind === 'open') opened = await open(request.brokers, request.topic)
    else if (opened) {
      const value = randomBytes(request.valueBytes)
      for (let sent = 0; sent < request.count; sent += 1) {
        const [fromSend, fromAck] = await one(opened, value)
        sentToConsumed.push(fromSend)
        ackedToConsumed.push(fromAck)
      }
    }
    return { sentToConsumed, ackedToConsumed }
  },
  async () => opened?.close(),
)
