import type { RawRefreshReply, RawRefreshRequest } from '../baseline/raw-refresh.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { startGateway } from '../support/fleet.ts'
import { paragraph } from '../support/paragraph.ts'
import {
  type RefreshLoadWorker,
  type RotatingServer,
  type Round,
  roundOf,
} from '../support/refresh-rounds.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const connections = 32
const rawShareMin = 0.8

const prepare = async ({ parts, servers, say, quick }: Bench) => {
  const { kafka, mongo } = servers
  if (!kafka || !mongo) throw new Error('needs Kafka and MongoDB')
  const where = { brokers: kafka.brokers, mongoUrl: mongo.url }
  const gateway = await startGateway(parts, where)
  const seeder = await parts.use(openSeeder(gateway.settings))
  const sessions = await seeder.open(connections)
  const load: RefreshLoadWorker = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const own: RotatingServer = {
    url: gateway.url,
    pid: gateway.pid,
    dialect: 'curfew',
    cookies: sessions.map(({ cookie }) => cookie),
  }
  say('warming up')
  const warmMs = quick ? 1_000 : 3_000
  await roundOf(load, own, connections, warmMs)
  await seeder.settled()
  const raw: Worker<RawRefreshRequest, RawRefreshReply> = await parts.use(
    openWorker<RawRefreshRequest, RawRefreshReply>('../baseline/raw-refresh.ts'),
  )
  const { database, topic } = gateway.scratch
  const sampleDatabase = gateway.name
  await raw.ask({ kind: 'open', ...where, sampleDatabase, database, topic, callers: connections })
  await raw.ask({ kind: 'run', ms: warmMs })
  return { own, load, raw, seeder }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { own, load, raw, seeder } = await prepare(bench)
  const ms = bench.quick ? 1_500 : 6_000
  const curfew: Round[] = []
  const drivers: RawRefreshReply[] = []
  const rates: [own: number[], raw: number[]] = [[], []]
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const mine = await roundOf(load, own, connections, ms)
    await seeder.settled()
    const its = await raw.ask({ kind: 'run', ms })
    curfew.push(mine)
    drivers.push(its)
    rates[0].push(mine.perSecond)
    rates[1].push((its.rotations / its.elapsedMs) * 1_000)
    const told = rates.map((all) => Math.round(all.at(-1) ?? 0)).join(', ')
    bench.say(`repeat ${repeat}: Curfew, raw drivers: ${told} per s`)
  }
  return {
    rows: [
      { measure: 'Curfew: refreshes', unit: 'per s', repeats: rates[0] },
      { measure: 'raw drivers: the same reads and writes', unit: 'per s', repeats: rates[1] },
      {
        ...{ measure: 'Curfew / raw drivers', unit: '×', repeats: ratios(...rates) },
        command: `refresh, gateway on Kafka and MongoDB, ${connections} connections`,
        beside: 'the raw drivers doing the same reads and writes',
        target: { atLeast: rawShareMin },
      },
      { measure: 'Curfew: latency p50', unit: 'ms', repeats: curfew.map(({ p50Ms }) => p50Ms) },
      { measure: 'Curfew: latency p99', unit: 'ms', repeats: curfew.map(({ p99Ms }) => p99Ms) },
      { measure: 'raw: latency p50', unit: 'ms', repeats: drivers.map(({ p50Ms }) => p50Ms) },
      { measure: 'raw: latency p99', unit: 'ms', repeats: drivers.map(({ p99Ms }) => p99Ms) },
      { measure: 'Curfew: CPU a refresh', unit: 'µs', repeats: curfew.map(({ cpuUs }) => cpuUs) },
    ],
    notes: notesFor(bench.servers.mongo?.control !== null),
  }
}

const notesFor = (isSecantus: boolean): string[] => [
  paragraph(
    `${connections} keep-alive connections, each with a session of its own, against one gateway`,
    'process; no projector reads beside it. All sessions are of one user.',
  ),
  paragraph(
    'Raw are mongodb and kafkajs in one process, on the same servers, with the same write and',
    'read concerns, indexes, documents and messages: for each rotation the newest commits of its',
    'session and of its token, and the user; the three heads that hold cutoffs, shared by all who',
    'asked before a read began; one majority insert. Behind it, as fast as it goes, the events are',
    'sent to Kafka and marked in bulk. It speaks no HTTP, and verifies, decides and signs nothing.',
  ),
  ...(isSecantus
    ? ['The store is SecantusDB, a slow stand-in for MongoDB: read the ratio alone.']
    : []),
]

export const refreshAtScale: Scenario = {
  name: 'refresh-at-scale',
  claim: paragraph(
    `A gateway on Kafka and MongoDB rotates at least ${rawShareMin} × as fast as the raw drivers`,
    'do the same reads and writes.',
  ),
  needs: ['kafka', 'mongo'],
  measure,
}
