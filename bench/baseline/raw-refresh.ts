import { randomBytes } from 'node:crypto'
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  type IndexDescription,
  MongoClient,
} from 'mongodb'
import { SingleFlight } from '../../shared/kernel/concurrency/single-flight.ts'
import { percentile } from '../statistics.ts'
import { serve } from '../support/serve.ts'
import { sharedNowMs } from '../support/shared-clock.ts'

export type RawRefreshRequest =
  | Readonly<{
      kind: 'open'
      brokers: readonly string[]
      mongoUrl: string
      /** Where a gateway keeps its commits: the newest of a session is the sample. */
      sampleDatabase: string
      /** Free to be used, and removed by whoever names them. */
      database: string
      topic: string
      callers: number
    }>
  | Readonly<{ kind: 'run'; ms: number }>
export type RawRefreshReply = Readonly<{
  rotations: number
  elapsedMs: number
  p50Ms: number
  p99Ms: number
}>

type Id = Readonly<{ s: string; v: number }>
type Stored = Document & { _id: Id }
type Opened = Readonly<{
  commits: Collection<Stored>
  users: Collection<{ _id: string }>
  producer: Producer
  topic: string
  /** What a rotation stores and publishes; only the id differs. */
  sample: Omit<Stored, '_id'>
  messages: readonly Message[]
  /** Streams that all callers ask about: one read serves all who asked before it began. */
  shared: readonly SingleFlight<Stored | null>[]
  sub: string
  streams: string[]
  close: () => Promise<void>
}>

const partitions = 12
const options = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
} as const

const newId = (): string => randomBytes(16).toString('hex')

const newest = (commits: Collection<Stored>, s: string): Promise<Stored | null> =>
  commits.findOne(
    { _id: { $gte: { s, v: 0 }, $lte: { s, v: Number.MAX_SAFE_INTEGER } }, '_id.s': s },
    { sort: { '_id.v': -1 } },
  )

const exactly = ({ s, v }: Id): Document => ({ _id: { s, v }, '_id.s': s, '_id.v': v })

const messagesOf = (events: readonly Document[], sub: string): Message[] =>
  events.map((event, index) => ({
    key: sub,
    value: JSON.stringify(event['data']),
    headers: {
      ce_specversion: '1.0',
      ce_id: `s/${newId()}:1:${index}`,
      ce_type: `curfew.${event['type']}`,
      ce_source: 'https://auth.example',
      ce_time: '2026-01-01T00:00:00.000Z',
      ce_dataschema: `urn:curfew:schema:curfew.${event['type']}:${event['version']}`,
      ce_subject: sub,
    },
  }))

const copyIndexes = async (from: Collection<Stored>, to: Collection<Stored>): Promise<void> => {
  for (const { v: _v, ns: _ns, ...index } of await from.indexes()) {
    if (index.name !== '_id_') await to.createIndexes([index as IndexDescription])
  }
}

const openKafka = async (brokers: readonly string[], topic: string) => {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions: partitions }],
  })
  await admin.disconnect()
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  return producer
}

const open = async (request: Extract<RawRefreshRequest, { kind: 'open' }>): Promise<Opened> => {
  const client = new MongoClient(request.mongoUrl, options)
  const theirs = client.db(request.sampleDatabase).collection<Stored>('commits')
  const found = await theirs.findOne({ session: { $ne: null } }, { sort: { '_id.v': -1 } })
  const sub: unknown = found?.['session']?.sub
  if (!found || typeof sub !== 'string') throw new Error('the gateway has no session')
  const { _id, published: _published, superseded: _superseded, ...sample } = found
  const db = client.db(request.database)
  const commits = db.collection<Stored>('commits')
  await commits.deleteMany({})
  await copyIndexes(theirs, commits)
  const user = await client
    .db(request.sampleDatabase)
    .collection<{ _id: string }>('users')
    .findOne()
  const users = db.collection<{ _id: string }>('users')
  if (user) await users.insertOne(user)
  const streams = Array.from({ length: request.callers }, () => `s/${newId()}`)
  await commits.insertMany(streams.map((s) => ({ ...sample, _id: { s, v: 0 } })))
  const producer = await openKafka(request.brokers, request.topic)
  const asked = [`u/${sub}`, 'c/web', 'all']
  return {
    ...{ commits, users, producer, topic: request.topic, sample, sub, streams },
    messages: messagesOf(sample['events'] as Document[], sub),
    shared: asked.map((s) => new SingleFlight(() => newest(commits, s))),
    close: async () => {
      await producer.disconnect()
      await client.close()
    },
  }
}

/** Publishes and marks what was appended since: one request at a time, as large as it came. */
class Published {
  readonly #opened: Opened
  #waiting: Id[] = []
  #running: Promise<void> | null = null

  constructor(opened: Opened) {
    this.#opened = opened
  }

  add(id: Id): void {
    this.#waiting.push(id)
    this.#running ??= this.#run()
  }

  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    const { producer, topic, messages, commits } = this.#opened
    while (this.#waiting.length > 0) {
      const ids = this.#waiting.splice(0)
      await producer.send({ topic, acks: -1, messages: ids.flatMap(() => messages) })
      await commits.bulkWrite(ids.flatMap(marking), { ordered: false })
    }
    this.#running = null
  }
}

const marking = (id: Id): AnyBulkWriteOperation<Stored>[] => {
  const published = { $set: { published: { logId: 'bench', offset: 1 } } }
  const mark = {
    updateOne: { filter: exactly(id), update: { ...published, $unset: { unpublished: '' } } },
  }
  const superseded = {
    updateOne: {
      filter: exactly({ s: id.s, v: id.v - 2 }),
      update: { $set: { superseded: true } },
    },
  }
  return (id.v >= 2 ? [mark, superseded] : [mark]) as AnyBulkWriteOperation<Stored>[]
}

const run = async (opened: Opened, ms: number): Promise<RawRefreshReply> => {
  const { commits, users, shared, sub, sample, streams } = opened
  const published = new Published(opened)
  const latenciesMs: number[] = []
  const startedMs = sharedNowMs()
  const caller = async (s: string): Promise<void> => {
    while (sharedNowMs() - startedMs < ms) {
      const beganMs = sharedNowMs()
      const [head] = await Promise.all([
        newest(commits, s),
        newest(commits, `j/${newId()}`),
        users.findOne({ _id: sub }),
        ...shared.map((flight) => flight.runAfresh()),
      ])
      const id = { s, v: (head?._id.v ?? 0) + 1 }
      await commits.insertOne({ ...sample, _id: id })
      published.add(id)
      latenciesMs.push(sharedNowMs() - beganMs)
    }
  }
  await Promise.all(streams.map(caller))
  const elapsedMs = sharedNowMs() - startedMs
  await published.settled()
  return {
    rotations: latenciesMs.length,
    elapsedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  }
}

const nothing: RawRefreshReply = { rotations: 0, elapsedMs: 0, p50Ms: 0, p99Ms: 0 }
let opened: Opened | undefined

/**
 * The reads and writes of a rotation by the drivers alone, which decide, verify, sign and answer
 * nothing: the session's and the token's newest commit, the user, the cutoffs that all share; one
 * insert; then, behind it, the events to Kafka and the marks in bulk.
 */
serve<RawRefreshRequest, RawRefreshReply>(
  async (request) => {
    if (request.kind === 'run') {
      if (!opened) throw new Error('not open')
      return run(opened, request.ms)
    }
    opened = await open(request)
    return nothing
  },
  async () => opened?.close(),
)
