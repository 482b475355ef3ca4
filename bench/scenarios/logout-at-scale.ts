import { kafkaVersion } from '../../test/support/kafka-server.ts'
import type { RawKafkaReply, RawKafkaRequest } from '../baseline/raw-kafka.ts'
import { openRawMongo, type RawMongo } from '../baseline/raw-mongo.ts'
import type { GuardReply, GuardRequest } from '../load/guard-watch.ts'
import type { Bench, BenchServers, Finding, Row, Scenario } from '../scenario.ts'
import { percentile, ratios } from '../statistics.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import {
  pauseMs,
  percentileRows,
  probeGuard,
  probeOrders,
  type Refusal,
  refusalRows,
} from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const ratioMax = 1.5
const blocks = 10
const callers = 32
/** About a session's revocation with its headers. */
const valueBytes = 600

type RawKafka = Worker<RawKafkaRequest, RawKafkaReply>
type GuardWorker = Worker<GuardRequest, GuardReply>

type Repeat = {
  orders: Refusal[]
  guard: Refusal[]
  sentToConsumed: number[]
  ackedToConsumed: number[]
}

type Setting = Readonly<{
  fleet: Fleet
  raw: RawKafka
  guard: GuardWorker
  mongo: RawMongo
  open: (count: number) => ReturnType<Awaited<ReturnType<typeof openSeeder>>['open']>
}>

const prepare = async ({ parts, servers, say }: Bench): Promise<Setting> => {
  const { kafka, mongo } = servers
  if (!kafka || !mongo) throw new Error('needs Kafka and MongoDB')
  const { brokers } = kafka
  const fleet = await startFleet(parts, { brokers, mongoUrl: mongo.url })
  say('gateway, projector and orders are ready')
  const raw: RawKafka = await parts.use(
    openWorker<RawKafkaRequest, RawKafkaReply>('../baseline/raw-kafka.ts'),
  )
  await raw.ask({ kind: 'open', brokers, topic: fleet.scratch.topic })
  const guard: GuardWorker = await parts.use(
    openWorker<GuardRequest, GuardReply>('../load/kafka-guard.ts'),
  )
  await guard.ask({ kind: 'open', settings: fleet.ordersSettings })
  const rawMongo = await parts.use(openRawMongo(mongo.url, fleet.scratch.database))
  const seeder = await parts.use(openSeeder(fleet.gatewaySettings))
  const open = async (count: number) => {
    const sessions = await seeder.open(count)
    say(`opened ${count} sessions; waiting until the relay has published them`)
    await seeder.settled()
    say('published')
    return sessions
  }
  return { fleet, raw, guard, mongo: rawMongo, open }
}

/** Blocks of one kind take turns, so that whatever else the machine does meets all of them. */
const oneRepeat = async ({ fleet, raw, guard, open }: Setting, size: number): Promise<Repeat> => {
  const sessions = await open(2 * blocks * size)
  const found: Repeat = { orders: [], guard: [], sentToConsumed: [], ackedToConsumed: [] }
  for (let block = 0; block < blocks; block += 1) {
    const from = 2 * block * size
    found.orders.push(...(await probeOrders(fleet, sessions.slice(from, from + size))))
    const told = await raw.ask({ kind: 'send', count: size, valueBytes })
    found.sentToConsumed.push(...told.sentToConsumed)
    found.ackedToConsumed.push(...told.ackedToConsumed)
    const others = sessions.slice(from + size, from + 2 * size)
    found.guard.push(...(await probeGuard(fleet.gatewayUrl, guard, others)))
  }
  return found
}

const ratioRows = (repeats: readonly Repeat[]): Row[] =>
  (['orders', 'guard'] as const).flatMap((door) =>
    (
      [
        ['p50', 0.5],
        ['p99', 0.99],
      ] as const
    ).map(([name, share]): Row => {
      const own = repeats.map((repeat) =>
        percentile(
          repeat[door].map(({ afterAnswerMs }) => afterAnswerMs),
          share,
        ),
      )
      const raw = repeats.map(({ sentToConsumed }) => percentile(sentToConsumed, share))
      const shownDoor = door === 'orders' ? 'GET /orders' : 'guard'
      return {
        measure: `${shownDoor}: answered → refused / raw produced → consumed, ${name}`,
        unit: '×',
        repeats: ratios(own, raw),
        target: { atMost: ratioMax },
      }
    }),
  )

type MongoFigures = { reads: number[]; writes: number[]; latencies: number[][] }

const measureMongo = async (mongo: RawMongo, ms: number, into: MongoFigures): Promise<void> => {
  into.reads.push(await mongo.readsPerSecond(callers, ms))
  into.writes.push(await mongo.writesPerSecond(callers, ms))
  into.latencies.push(await mongo.writeLatencies(ms / 20))
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, say, servers } = bench
  const setting = await prepare(bench)
  const size = quick ? 2 : 20
  const repeats: Repeat[] = []
  const mongo: MongoFigures = { reads: [], writes: [], latencies: [] }
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    await measureMongo(setting.mongo, quick ? 300 : 1_000, mongo)
    repeats.push(await oneRepeat(setting, size))
    say(`repeat ${repeat}: ${2 * blocks * size} logouts, ${blocks * size} raw messages`)
  }
  const of = (pick: (repeat: Repeat) => number[]): number[][] => repeats.map(pick)
  return {
    rows: [
      ...ratioRows(repeats),
      ...refusalRows(
        'GET /orders',
        repeats.map(({ orders }) => orders),
      ),
      ...refusalRows(
        'guard',
        repeats.map(({ guard }) => guard),
      ),
      ...percentileRows(
        'raw kafkajs: produced → consumed',
        of((one) => one.sentToConsumed),
      ),
      ...percentileRows(
        'raw kafkajs: acknowledged → consumed',
        of((one) => one.ackedToConsumed),
      ),
      {
        measure: `raw MongoDB driver: reads by _id, ${callers} callers`,
        unit: 'per s',
        repeats: mongo.reads,
      },
      {
        measure: `raw MongoDB driver: majority inserts, ${callers} callers`,
        unit: 'per s',
        repeats: mongo.writes,
      },
      ...percentileRows('raw MongoDB driver: one majority insert', mongo.latencies),
    ],
    notes: notesFor(blocks * size, servers.mongo?.control !== null),
    versions: {
      kafka: servers.kafka?.control
        ? `Apache Kafka ${kafkaVersion}, one KRaft node`
        : 'given by CURFEW_KAFKA_BROKERS',
      mongo: `${mongoName(servers)}, which says ${setting.mongo.version}`,
    },
  }
}

const mongoName = ({ mongo }: BenchServers): string =>
  mongo?.control ? 'SecantusDB' : 'the server of CURFEW_MONGODB_URL'

const notesFor = (logouts: number, isSecantus: boolean): string[] => [
  paragraph(
    `${logouts} logouts a repeat and door and as many raw messages, in ${blocks} blocks that`,
    'take turns on the same broker. `curfew gateway`, `projector` and `orders` are',
    'processes of their own; one clock (CLOCK_MONOTONIC) for all instants.',
  ),
  paragraph(
    `\`GET /orders\` is called again and again on a keep-alive connection (${pauseMs} ms after`,
    'each answer), beginning before the logout; its refusal is seen up to one grain plus one',
    'answer late. `guard` is a second guard in a process of its own, which tells the instant',
    'at which the revocation came into force: nothing polls, so it is what compares with the',
    'raw figure.',
  ),
  paragraph(
    'The logout is answered after Kafka acknowledged it, so “answered → refused” begins later',
    'than “produced → consumed” does; “acknowledged → consumed” is the raw figure that begins',
    'at the same point. Negative: refused before the client had the answer.',
  ),
  paragraph(
    'Raw is kafkajs with its defaults, producer and consumer in one process, one partition,',
    'acks=-1, values of the size of a revocation.',
  ),
  ...(isSecantus
    ? [
        paragraph(
          'The store is SecantusDB, a slow stand-in for MongoDB: absolute figures that hold a',
          'write to it (sent → answered, sent → refused) mean nothing. Compare them with the',
          'raw driver’s on the same server.',
        ),
      ]
    : []),
]

export const logoutAtScale: Scenario = {
  name: 'logout-at-scale',
  claim: paragraph(
    'On Kafka and MongoDB, services refuse the session’s access token no later after the',
    `logout’s answer than ${ratioMax} × what kafkajs takes to produce and consume a message.`,
  ),
  needs: ['kafka', 'mongo'],
  measure,
}
