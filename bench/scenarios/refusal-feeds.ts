import { kafkaVersion } from '../../test/support/servers/kafka-server.ts'
import type { RawKafkaReply, RawKafkaRequest } from '../baseline/raw-kafka.ts'
import type { FeedGuardsReply, FeedGuardsRequest } from '../load/feed-guards.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { percentile, ratios } from '../statistics.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { logoutAlone, percentileRows } from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const variants = [
  { feed: 'Kafka', count: 1 },
  { feed: 'Kafka', count: 8 },
  { feed: 'SSE', count: 1 },
  { feed: 'SSE', count: 8 },
  { feed: 'SSE', count: 64 },
] as const
type Variant = (typeof variants)[number]

const turnsPerRepeat = 40
/** About a session's revocation with its headers. */
const valueBytes = 600

type RawKafka = Worker<RawKafkaRequest, RawKafkaReply>
type Setting = Readonly<{ fleet: Fleet; raw: RawKafka }>
/** In ms, one entry a logout, or a message. */
type Turns = { last: number[]; middle: number[]; produced: number[]; acknowledged: number[] }

const nameOf = ({ feed, count }: Variant): string =>
  `${feed}, ${count} ${count === 1 ? 'guard' : 'guards'}`

const prepare = async ({ parts, servers, say }: Bench): Promise<Setting> => {
  const { kafka, mongo } = servers
  if (!kafka || !mongo) throw new Error('needs Kafka and MongoDB')
  const { brokers } = kafka
  const fleet = await startFleet(parts, { brokers, mongoUrl: mongo.url })
  const raw: RawKafka = await parts.use(
    openWorker<RawKafkaRequest, RawKafkaReply>('../baseline/raw-kafka.ts'),
  )
  await raw.ask({ kind: 'open', brokers, topic: fleet.scratch.topic })
  say('gateway, projector and the raw client are ready')
  return { fleet, raw }
}

/** A logout and a raw message take turns, so that whatever else the machine does meets both. */
const oneVariant = async (
  { fleet, raw }: Setting,
  { feed, count }: Variant,
  sessions: readonly SeededSession[],
): Promise<Turns> => {
  const turns: Turns = { last: [], middle: [], produced: [], acknowledged: [] }
  const worker = openWorker<FeedGuardsRequest, FeedGuardsReply>('../load/feed-guards.ts')
  try {
    const settings = feed === 'SSE' ? fleet.sseSettings : fleet.ordersSettings
    await worker.ask({ kind: 'open', settings, count })
    for (const session of sessions) {
      await worker.ask({ kind: 'watch', token: session.access, sid: session.sid })
      const { answeredMs } = await logoutAlone(fleet.gatewayUrl, session)
      const { atMs } = await worker.ask({ kind: 'refused' })
      const late = atMs.map((ms) => ms - answeredMs)
      turns.last.push(Math.max(...late))
      turns.middle.push(percentile(late, 0.5))
      const told = await raw.ask({ kind: 'send', count: 1, valueBytes })
      turns.produced.push(...told.sentToConsumed)
      turns.acknowledged.push(...told.ackedToConsumed)
    }
  } finally {
    await worker.close()
  }
  return turns
}

const half = (repeats: readonly (readonly number[])[]): number[] =>
  repeats.map((values) => percentile(values, 0.5))

const rowsOf = (variant: Variant, repeats: readonly Turns[]): Row[] => {
  const name = nameOf(variant)
  const last = repeats.map((turns) => turns.last)
  const middle = half(repeats.map((turns) => turns.middle))
  const produced = repeats.map((turns) => turns.produced)
  const acknowledged = half(repeats.map((turns) => turns.acknowledged))
  return [
    ...percentileRows(`${name}: answered → refused by the last`, last),
    ...(variant.count > 1
      ? [
          {
            measure: `${name}: answered → refused by half, p50`,
            unit: 'ms',
            repeats: middle,
          } as Row,
        ]
      : []),
    ...percentileRows(`— beside it, raw kafkajs: produced → consumed`, produced),
    { measure: '— raw kafkajs: acknowledged → consumed, p50', unit: 'ms', repeats: acknowledged },
    {
      measure: `${name}: answered → refused by the last / raw produced → consumed, p50`,
      unit: '×',
      repeats: ratios(half(last), half(produced)),
    },
  ]
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, repeats, say, servers, parts } = bench
  const turns = quick ? 4 : turnsPerRepeat
  const setting = await prepare(bench)
  const seeder = await parts.use(openSeeder(setting.fleet.gatewaySettings))
  const found = variants.map((): Turns[] => [])
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const [index, variant] of variants.entries()) {
      const sessions = await seeder.open(turns)
      await seeder.settled()
      say(`repeat ${repeat}, ${nameOf(variant)}: its sessions are open`)
      found[index]?.push(await oneVariant(setting, variant, sessions))
      say(`repeat ${repeat}, ${nameOf(variant)}: ${turns} logouts and raw messages`)
    }
  }
  return {
    rows: variants.flatMap((variant, index) => rowsOf(variant, found[index] ?? [])),
    notes: [
      paragraph(
        `${turns} logouts a repeat and row, in turns with as many raw messages on the same broker.`,
        'The guards of a row share one process, each with a connection of its own; the guards of',
        'other rows do not run meanwhile. One clock (CLOCK_MONOTONIC) for all instants.',
      ),
      paragraph(
        'Each guard tells the instant at which the revocation came into force, so nothing polls.',
        '“By the last”: when all of them refuse. Negative: before the client had the answer to',
        'its logout, which waits for Kafka’s acknowledgement.',
      ),
      'On SSE the way is longer by the projector, which reads Kafka and serves `GET /feed`.',
      'Raw is kafkajs with its defaults, in one process, one partition, acks=-1.',
    ],
    versions: {
      kafka: servers.kafka?.control
        ? `Apache Kafka ${kafkaVersion}, one KRaft node`
        : 'given by CURFEW_KAFKA_BROKERS',
    },
  }
}

export const refusalFeeds: Scenario = {
  name: 'refusal-feeds',
  claim:
    'However many guards there are, all of them refuse milliseconds after the logout’s answer.',
  needs: ['kafka', 'mongo'],
  measure,
}
