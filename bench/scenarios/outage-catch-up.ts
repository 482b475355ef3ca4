import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { kafkaVersion, startKafka } from '../../test/support/servers/kafka-server.ts'
import type { ServerControl } from '../../test/support/servers/server-process.ts'
import { until } from '../../test/support/until.ts'
import { type OutageWorld, openOutageWorld } from '../../test/support/worlds/outage-world.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { percentile } from '../statistics.ts'
import { paragraph } from '../support/paragraph.ts'
import { tempFolder } from '../support/temp-folder.ts'

const perSecond = 100
const hourOfRevocations = 360_000
const caughtUpMin = 2_000
const appendedAtOnce = 200
const catchUpLimitMs = 15 * 60_000
const hourMs = 3_600_000

type Place = Readonly<{ world: OutageWorld; log: EventLog; kafka: ServerControl }>
type Window = { waits: number[]; acknowledged: number; refused: number }

const openPlace = async ({ parts }: Bench): Promise<Place> => {
  const { brokers, control } = await startKafka()
  if (!control) throw new Error('a broker of our own is needed')
  await parts.use({ close: () => control.stop() })
  const log = await openKafkaLog({
    brokers,
    clientId: 'outage',
    topicPrefix: 'outage.',
    clock,
    entropy,
    logger,
    ssl: false,
    sasl: null,
    revocationRetentionMs: 48 * hourMs,
    eventPartitions: 12,
    role: 'writer',
  })
  await parts.use({ close: () => log.close() })
  const folder = await parts.use(tempFolder())
  const world = await parts.use(openOutageWorld(folder.path, log))
  await until('the relay runs', () => world.goodRuns() > 0)
  return { world, log, kafka: control }
}

/** Logouts at the rate of the hour, until `isOver`. */
const logouts = async (world: OutageWorld, isOver: () => boolean): Promise<Window> => {
  const seen: Window = { waits: [], acknowledged: 0, refused: 0 }
  const running: Promise<void>[] = []
  const startedMs = clock.monotonicMs()
  for (let count = 1; !isOver(); count += 1) {
    const one = world.logout().then(
      ({ delivery, ms }) => {
        seen.waits.push(ms)
        if (delivery.status === 'acknowledged') seen.acknowledged += 1
      },
      () => {
        seen.refused += 1
      },
    )
    running.push(one)
    const dueMs = startedMs + (count * 1_000) / perSecond
    await clock.sleep(Math.max(0, dueMs - clock.monotonicMs()))
  }
  await Promise.all(running)
  return seen
}

const logoutsFor = (world: OutageWorld, ms: number): Promise<Window> => {
  const startedMs = clock.monotonicMs()
  return logouts(world, () => clock.monotonicMs() - startedMs > ms)
}

const heapMiB = (): number => process.memoryUsage().heapUsed / 2 ** 20

/** The rest of the hour, as fast as the store takes it. */
const appendMany = async (world: OutageWorld, count: number): Promise<void> => {
  for (let done = 0; done < count; done += appendedAtOnce) {
    await Promise.all(Array.from({ length: appendedAtOnce }, () => world.append()))
  }
}

const share = (part: number, { waits, refused }: Window): number =>
  (100 * part) / Math.max(1, waits.length + refused)

const latencyRows = (when: string, window: Window): Row[] => [
  { measure: `logout, ${when}: p50`, unit: 'ms', repeats: [percentile(window.waits, 0.5)] },
  { measure: `logout, ${when}: p99`, unit: 'ms', repeats: [percentile(window.waits, 0.99)] },
  {
    measure: `logout, ${when}: refused`,
    unit: '%',
    repeats: [share(window.refused, window)],
    target: { atMost: 0 },
  },
]

const measure = async (bench: Bench): Promise<Finding> => {
  const { quick, say } = bench
  const { world, log, kafka } = await openPlace(bench)
  const total = quick ? 20_000 : hourOfRevocations
  const windowMs = quick ? 3_000 : 20_000
  await kafka.stop()
  const heapBefore = heapMiB()
  const first = await logoutsFor(world, windowMs)
  await appendMany(world, total)
  say(`${total} revocations are pending`)
  const last = await logoutsFor(world, windowMs)
  const heapGrowth = heapMiB() - heapBefore
  const heldInOutage = world.publisher.heldCommits
  await kafka.restart()
  await until('the log is back', () => log.healthy())
  const backMs = clock.monotonicMs()
  let isOver = false
  const during = logouts(world, () => isOver)
  let held = 0
  const runs = world.goodRuns()
  const caughtUp = async (): Promise<boolean> => {
    held = Math.max(held, world.publisher.heldCommits)
    await clock.sleep(100)
    return !(await world.hasMore())
  }
  await until('all are published', caughtUp, catchUpLimitMs)
  const seconds = (clock.monotonicMs() - backMs) / 1_000
  isOver = true
  const behind = await during
  await until('closed time goes on', () => world.goodRuns() > runs)
  say(`caught up in ${seconds.toFixed(1)} s`)
  return {
    rows: [
      {
        measure: `${total} pending revocations caught up`,
        unit: 'per s',
        repeats: [total / seconds],
        target: { atLeast: caughtUpMin },
      },
      ...latencyRows('as the outage begins', first),
      ...latencyRows('with all of them pending', last),
      ...latencyRows('during the catch-up', behind),
      {
        measure: 'logouts during the catch-up that were acknowledged',
        unit: '%',
        repeats: [share(behind.acknowledged, behind)],
      },
      { measure: 'growth of the heap over the outage', unit: 'MiB', repeats: [heapGrowth] },
    ],
    notes: notesFor(heldInOutage, held),
    versions: { kafka: `Apache Kafka ${kafkaVersion}, one KRaft node` },
  }
}

const notesFor = (heldInOutage: number, held: number): string[] => [
  paragraph(
    'The publisher and the relay of a gateway in the bench’s process, on LMDB with 3 ms before',
    `each call, at ${perSecond} logouts a second; what an hour would leave is appended at once.`,
    'The broker is stopped, and started again.',
  ),
  paragraph(
    `Commits in memory (queued, in flight, not marked): ${heldInOutage} at the end of the outage,`,
    `${held} at most during the catch-up. The heap is as it stands, garbage included.`,
  ),
]

export const outageCatchUp: Scenario = {
  name: 'outage-catch-up',
  claim: paragraph(
    'An hour without Kafka at 100 revocations a second refuses none of them, and is caught up at',
    `${caughtUpMin} a second or more.`,
  ),
  needs: [],
  measure,
}
