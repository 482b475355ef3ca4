import { kafkaVersion } from '../../test/support/servers/kafka-server.ts'
import type { RawKafkaReply, RawKafkaRequest } from '../baseline/raw-kafka.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { percentile, ratios } from '../statistics.ts'
import { type Fleet, startFleet } from '../support/fleet.ts'
import { openGuardProcesses, sharesOf } from '../support/guard-processes.ts'
import { logoutAlone, percentileRows } from '../support/logout-probe.ts'
import { type Loopback, openLoopback } from '../support/loopback.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SeededSession } from '../support/session-seeder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

/** On Kafka each guard is a process; the many on SSE share a few, as a small machine has cores. */
const variants = [
  { feed: 'Kafka', count: 1, processes: 1 },
  { feed: 'Kafka', count: 8, processes: 8 },
  { feed: 'SSE', count: 1, processes: 1 },
  { feed: 'SSE', count: 64, processes: 4 },
  { feed: 'SSE', count: 1_000, processes: 4 },
] as const
type Variant = (typeof variants)[number]

const turnsPerRepeat = 40
/** About a session's revocation with its headers. */
const valueBytes = 600
const kafkaMax = { p50: 1, p99: 1.3 } as const
const sseP99Max = 3

type RawKafka = Worker<RawKafkaRequest, RawKafkaReply>
type Setting = Readonly<{ fleet: Fleet; raw: RawKafka }>
/** In ms, one entry a logout, or a message, or a round trip to all sockets. */
type Turns = Readonly<
  Record<'last' | 'middle' | 'produced' | 'acknowledged' | 'loopback', number[]>
>

const nameOf = ({ feed, count }: Variant): string =>
  `${feed}, ${count.toLocaleString('en')} ${count === 1 ? 'guard' : 'guards'}`

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

/** A logout, a raw message and a round trip take turns: what else the machine does meets all. */
const oneVariant = async (
  { fleet, raw }: Setting,
  { feed, count, processes }: Variant,
  sessions: readonly SeededSession[],
): Promise<Turns> => {
  const turns: Turns = { last: [], middle: [], produced: [], acknowledged: [], loopback: [] }
  const settings = feed === 'SSE' ? fleet.sseSettings : fleet.ordersSettings
  const shares = sharesOf(count, processes)
  const guards = await openGuardProcesses(settings, shares)
  let loopback: Loopback | null = null
  try {
    loopback = feed === 'SSE' ? await openLoopback(shares) : null
    for (const session of sessions) {
      await guards.watch(session)
      const { answeredMs } = await logoutAlone(fleet.gatewayUrl, session)
      const late = (await guards.refused()).map((ms) => ms - answeredMs)
      turns.last.push(Math.max(...late))
      turns.middle.push(percentile(late, 0.5))
      const told = await raw.ask({ kind: 'send', count: 1, valueBytes })
      turns.produced.push(...told.sentToConsumed)
      turns.acknowledged.push(...told.ackedToConsumed)
      if (loopback) turns.loopback.push(await loopback.roundMs())
    }
  } finally {
    await loopback?.close()
    await guards.close()
  }
  return turns
}

type Repeats = readonly (readonly number[])[]

const half = (repeats: Repeats): number[] => repeats.map((values) => percentile(values, 0.5))
/** Of all repeats together: one alone has too few. */
const late = (repeats: Repeats): number[] => [percentile(repeats.flat(), 0.99)]

/** What must be reached: beside kafkajs on Kafka, beside a round trip over the sockets on SSE. */
const ratioRows = (variant: Variant, repeats: readonly Turns[]): Row[] => {
  const of = (name: keyof Turns): Repeats => repeats.map((turns) => turns[name])
  const command = `logout answered → refused by the last: ${nameOf(variant)}`
  const raw = 'raw kafkajs, produced → consumed'
  const rowOf = (share: 'p50' | 'p99', beside: string, other: Repeats, atMost?: number): Row => ({
    ...{ measure: `${command} / ${beside}, ${share}`, unit: '×', command: `${command}, ${share}` },
    repeats:
      share === 'p50'
        ? ratios(half(of('last')), half(other))
        : ratios(late(of('last')), late(other)),
    beside,
    ...(atMost === undefined ? {} : { target: { atMost } }),
  })
  if (variant.feed === 'Kafka') {
    return (['p50', 'p99'] as const).map((share) =>
      rowOf(share, raw, of('produced'), kafkaMax[share]),
    )
  }
  const sockets = 'one loopback round trip to as many sockets'
  return [
    rowOf('p99', sockets, of('loopback'), sseP99Max),
    rowOf('p50', sockets, of('loopback')),
    rowOf('p50', raw, of('produced')),
  ]
}

const rowsOf = (variant: Variant, repeats: readonly Turns[]): Row[] => {
  const name = nameOf(variant)
  const of = (kind: keyof Turns): Repeats => repeats.map((turns) => turns[kind])
  const single = (measure: string, values: Repeats): Row => ({
    ...{ measure, unit: 'ms', repeats: half(values) },
  })
  return [
    ...ratioRows(variant, repeats),
    ...percentileRows(`${name}: answered → refused by the last`, of('last')),
    ...(variant.count > 1
      ? [single(`${name}: answered → refused by half, p50`, of('middle'))]
      : []),
    ...percentileRows(`${name}, beside it: raw kafkajs, produced → consumed`, of('produced')),
    single(`${name}, beside it: raw kafkajs, acknowledged → consumed, p50`, of('acknowledged')),
    ...(variant.feed === 'SSE'
      ? percentileRows(`${name}, beside it: one round trip to as many sockets`, of('loopback'))
      : []),
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
      found[index]?.push(await oneVariant(setting, variant, sessions))
      say(`repeat ${repeat}, ${nameOf(variant)}: ${turns} logouts and raw messages`)
    }
  }
  return {
    rows: variants.flatMap((variant, index) => rowsOf(variant, found[index] ?? [])),
    notes: notesFor(turns),
    versions: {
      kafka: servers.kafka?.control
        ? `Apache Kafka ${kafkaVersion}, one KRaft node`
        : 'given by CURFEW_KAFKA_BROKERS',
    },
  }
}

const notesFor = (turns: number): string[] => [
  paragraph(
    `${turns} logouts a repeat and row, in turns with as many raw messages on the same broker`,
    'and, on SSE, as many round trips over as many sockets. On Kafka each guard is a process of',
    'its own; on SSE the guards share up to four, each guard with a connection of its own. The',
    'guards of other rows do not run meanwhile. One clock (CLOCK_MONOTONIC) for all instants.',
  ),
  paragraph(
    'Each guard tells the instant at which the revocation came into force, so nothing polls.',
    '“By the last”: when all of them refuse. Negative: before the client had the answer to',
    'its logout, which waits for Kafka’s acknowledgement.',
  ),
  paragraph(
    'On SSE the way is longer by the projector, which reads Kafka and serves `GET /feed`. Its',
    'measure is a server in Node that writes as much to as many sockets, and waits for one byte of',
    'each.',
  ),
  'Raw is kafkajs with its defaults, in one process, one partition, acks=-1.',
]

export const refusalFeeds: Scenario = {
  name: 'refusal-feeds',
  claim:
    'However many guards there are, all of them refuse milliseconds after the logout’s answer.',
  needs: ['kafka', 'mongo'],
  measure,
}
