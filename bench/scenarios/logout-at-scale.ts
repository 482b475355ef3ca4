import { kafkaVersion } from '../../test/support/servers/kafka-server.ts'
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
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const ratioMax = 1.5
const doorNames = { orders: 'GET /orders', guard: 'guard' } as const
/** 210 of each kind in three repeats; more would take minutes on a busy machine. */
const turnsPerRepeat = 70
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
  sessions: readonly SeededSession[]
}>

const prepare = async ({ parts, servers, say }: Bench, logouts: number): Promise<Setting> => {
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
  const sessions = await seeder.open(logouts)
  say(`opened ${logouts} sessions; waiting until the relay has published them`)
  await seeder.settled()
  return { fleet, raw, guard, mongo: rawMongo, sessions }
}

/**
 * A logout before each door and a raw message take turns, so that whatever else the machine does
 * meets all of them, and all of them come at the same pace: back to back a message is faster.
 */
const oneRepeat = async (
  { fleet, raw, guard }: Setting,
  sessions: readonly SeededSession[],
): Promise<Repeat> => {
  const found: Repeat = { orders: [], guard: [], sentToConsumed: [], ackedToConsumed: [] }
  for (let turn = 0; turn < sessions.length; turn += 2) {
    found.orders.push(...(await probeOrders(fleet, sessions.slice(turn, turn + 1))))
    const told = await raw.ask({ kind: 'send', count: 1, valueBytes })
    found.sentToConsumed.push(...told.sentToConsumed)
    found.ackedToConsumed.push(...told.ackedToConsumed)
    const other = sessions.slice(turn + 1, turn + 2)
    found.guard.push(...(await probeGuard(fleet.gatewayUrl, guard, other)))
  }
  return found
}

const afterAnswer = (refusals: readonly Refusal[]): number[] =>
  refusals.map(({ afterAnswerMs }) => afterAnswerMs)

/** p50 repeat by repeat; p99 of all repeats together, since one has too few for it. */
const ratioRows = (repeats: readonly Repeat[]): Row[] =>
  (['orders', 'guard'] as const).flatMap((door): Row[] => {
    const own = repeats.map((repeat) => afterAnswer(repeat[door]))
    const raw = repeats.map(({ sentToConsumed }) => sentToConsumed)
    const half = (all: number[][]): number[] => all.map((values) => percentile(values, 0.5))
    const late = (all: number[][]): number[] => [percentile(all.flat(), 0.99)]
    const what = `${doorNames[door]}: answered → refused / raw produced → consumed`
    const shared = { unit: '×', target: { atMost: ratioMax } } as const
    return [
      { measure: `${what}, p50`, repeats: ratios(half(own), half(raw)), ...shared },
      { measure: `${what}, p99 of all`, repeats: ratios(late(own), late(raw)), ...shared },
    ]
  })

type MongoFigures = { reads: number[]; writes: number[]; latencies: number[][] }

const measureMongo = async (mongo: RawMongo, ms: number, into: MongoFigures): Promise<void> => {
  into.reads.push(await mongo.readsPerSecond(callers, ms))
  into.writes.push(await mongo.writesPerSecond(callers, ms))
  into.latencies.push(await mongo.writeLatencies(ms / 20))
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, say, servers } = bench
  const turns = quick ? 10 : turnsPerRepeat
  const perRepeat = 2 * turns
  const setting = await prepare(bench, bench.repeats * perRepeat)
  const repeats: Repeat[] = []
  const mongo: MongoFigures = { reads: [], writes: [], latencies: [] }
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    await measureMongo(setting.mongo, quick ? 300 : 1_000, mongo)
    const sessions = setting.sessions.slice((repeat - 1) * perRepeat, repeat * perRepeat)
    repeats.push(await oneRepeat(setting, sessions))
    say(`repeat ${repeat}: ${perRepeat} logouts, ${turns} raw messages`)
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
    notes: notesFor(turns, servers.mongo?.control !== null),
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
    `${logouts} logouts a repeat and door and as many raw messages on the same broker, one`,
    'after another in turns. `curfew gateway`, `projector` and `orders` are processes of',
    'their own; one clock (CLOCK_MONOTONIC) for all instants.',
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
