import { join } from 'node:path'
import { sessionStream } from '../../shared/kernel/ids.ts'
import type { BareKoaPlan } from '../baseline/bare-koa.ts'
import type { RawLmdbPlan, RawLmdbResult } from '../baseline/raw-lmdb.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import { peerVersions } from '../peers/peers.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { planOf } from '../support/answer-plan.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openPeers, type PeerRounds, peerRows, playPeers } from '../support/peer-rounds.ts'
import {
  type RefreshLoadWorker,
  type RotatingServer,
  type Round,
  roundOf,
  sustainedRoundOf,
} from '../support/refresh-rounds.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { warmUp } from '../support/warm-up.ts'
import { openWorker } from '../support/worker.ts'

const connections = 32
const command = `refresh rotation, embedded, durable, ${connections} connections`
const bareShareMin = 0.7
const warmMs = 1_500
const tailMax = 3

const openServers = async (
  { parts, say, quick }: Bench,
  folder: string,
  load: RefreshLoadWorker,
) => {
  const curfew = await startEmbedded(parts, join(folder, 'data'))
  await curfew.process.readyAt(curfew.gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const sessions = await seeder.open(connections)
  const own: RotatingServer = {
    url: curfew.gatewayUrl,
    pid: curfew.process.pid,
    dialect: 'curfew',
    cookies: sessions.map(({ cookie }) => cookie),
  }
  say('warming up')
  const warm = await roundOf(load, own, connections, warmMs)
  if (!quick) await warmUp(async () => (await roundOf(load, own, connections, warmMs)).perSecond)
  const bare = await parts.use(openWorker<BareKoaPlan, string>('../baseline/bare-koa.ts'))
  const url = await bare.ask(planOf(warm.sample, { detail: 'refresh success' }))
  const other: RotatingServer = { ...own, url, pid: bare.pid }
  const bareWarm = await roundOf(load, other, connections, warmMs)
  if (!quick) await warmUp(async () => (await roundOf(load, other, connections, warmMs)).perSecond)
  const [newest] = await seeder.store.heads([sessionStream(sessions[0]?.sid ?? ('' as never))])
  const commitBytes = Buffer.byteLength(JSON.stringify(newest))
  const answerBytes = { own: warm.sample.length, bare: bareWarm.sample.length }
  return { own, other, commitBytes, answerBytes }
}

const prepare = async (bench: Bench) => {
  const { parts } = bench
  const folder = await parts.use(tempFolder())
  const load: RefreshLoadWorker = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const raw = await parts.use(openWorker<RawLmdbPlan, RawLmdbResult>('../baseline/raw-lmdb.ts'))
  const servers = await openServers(bench, folder.path, load)
  const peers = await openPeers(bench, load, connections)
  return { ...servers, load, raw, peers, rawDir: join(folder.path, 'raw') }
}
type Setting = Awaited<ReturnType<typeof prepare>>

type Rounds = Readonly<{
  curfew: Round[]
  bare: Round[]
  lmdb: number[]
  shared: number[]
  sustained: Round[]
}>

/** Everything once, one after another, so that whatever else the machine does meets all. */
const playOnce = async (
  bench: Bench,
  setting: Setting,
  { curfew, bare, lmdb, shared }: Rounds,
): Promise<void> => {
  const { load, raw, own, other, commitBytes, rawDir, peers } = setting
  const ms = roundMs(bench)
  curfew.push(await roundOf(load, own, connections, ms))
  bare.push(await roundOf(load, other, connections, ms))
  await playPeers(load, peers, connections, ms)
  const disk = await raw.ask({ dir: rawDir, callers: connections, commitBytes, ms: ms / 2 })
  lmdb.push((disk.commits / disk.elapsedMs) * 1_000)
  shared.push((disk.transactions / disk.elapsedMs) * 1_000)
}

const roundMs = ({ quick }: Bench): number => (quick ? 1_500 : 6_000)

const sustainedRows = (sustained: readonly Round[], bareRate: readonly number[]): Row[] => {
  if (sustained.length === 0) return []
  const repeats = sustained.map(({ perSecond }) => perSecond)
  const against = bareRate.slice(-repeats.length)
  return [
    { measure: 'Curfew: refreshes, after 35 s without a break', unit: 'per s', repeats },
    {
      ...{ measure: 'the same / bare Koa', unit: '×', repeats: ratios(repeats, against) },
      ...{ command: `${command}, sustained`, beside: 'bare Koa with the same two signatures' },
      target: { atLeast: bareShareMin },
    },
  ]
}

const rowsOf = (
  { curfew, bare, lmdb, shared, sustained }: Rounds,
  peers: readonly PeerRounds[],
): Row[] => {
  const [own, other] = [curfew, bare].map((rounds) => rounds.map(({ perSecond }) => perSecond))
  const [ownRate = [], bareRate = []] = [own, other]
  const times = (of: readonly Round[], pick: 'p50Ms' | 'p99Ms' | 'cpuUs') =>
    of.map((round) => round[pick])
  const beside = 'bare Koa with the same two signatures'
  return [
    { measure: 'Curfew: refreshes', unit: 'per s', repeats: ownRate },
    { measure: 'bare Koa, two signatures, no store', unit: 'per s', repeats: bareRate },
    {
      ...{ measure: 'Curfew / bare Koa', unit: '×', repeats: ratios(ownRate, bareRate) },
      ...{ command, beside, target: { atLeast: bareShareMin } },
    },
    ...peerRows(command, ownRate, peers),
    ...sustainedRows(sustained, bareRate),
    {
      ...{ measure: 'Curfew: p99 / p50', unit: '×', command, beside: 'its p99 beside its p50' },
      repeats: ratios(times(curfew, 'p99Ms'), times(curfew, 'p50Ms')),
      target: { atMost: tailMax },
    },
    { measure: 'Curfew: latency p50', unit: 'ms', repeats: times(curfew, 'p50Ms') },
    { measure: 'Curfew: latency p99', unit: 'ms', repeats: times(curfew, 'p99Ms') },
    { measure: 'bare Koa: latency p50', unit: 'ms', repeats: times(bare, 'p50Ms') },
    { measure: 'bare Koa: latency p99', unit: 'ms', repeats: times(bare, 'p99Ms') },
    { measure: 'Curfew: CPU a refresh', unit: 'µs', repeats: times(curfew, 'cpuUs') },
    { measure: 'bare Koa: CPU an answer', unit: 'µs', repeats: times(bare, 'cpuUs') },
    { measure: 'raw LMDB: durable commits as large', unit: 'per s', repeats: lmdb },
    { measure: 'raw LMDB: transactions (one fsync pair each)', unit: 'per s', repeats: shared },
    { measure: 'Curfew / raw LMDB commits', unit: '×', repeats: ratios(ownRate, lmdb) },
  ]
}

const measure = async (bench: Bench): Promise<Finding> => {
  const setting = await prepare(bench)
  const { commitBytes, answerBytes, peers } = setting
  const rounds: Rounds = { curfew: [], bare: [], lmdb: [], shared: [], sustained: [] }
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    await playOnce(bench, setting, rounds)
    const { curfew, bare, lmdb } = rounds
    const told = [curfew.at(-1)?.perSecond, bare.at(-1)?.perSecond, lmdb.at(-1)]
    const rates = told.map((rate = 0) => Math.round(rate)).join(', ')
    bench.say(`repeat ${repeat}: Curfew, bare Koa, LMDB: ${rates} per s`)
  }
  if (!bench.quick) {
    const { load, own } = setting
    rounds.sustained.push(await sustainedRoundOf(load, own, connections, roundMs(bench)))
  }
  return {
    rows: rowsOf(rounds, peers),
    notes: notesFor(roundMs(bench), answerBytes, commitBytes),
    versions: await peerVersions(),
  }
}

const notesFor = (
  ms: number,
  bytes: Readonly<{ own: number; bare: number }>,
  commitBytes: number,
): string[] => [
  paragraph(
    `Closed loop, ${connections} keep-alive connections from a process of its own,`,
    `${ms / 1_000} s a round. Each connection owns a session and sends its newest cookies,`,
    'so that every request is a rotation; an answer that is none ends the run. Each server is',
    'warmed up until its rounds are no longer faster than those before.',
  ),
  paragraph(
    'The bare server signs the same claims (one ES256, one HS256, jsonwebtoken with',
    `KeyObjects) and answers the same headers (${bytes.bare} bytes of head against`,
    `${bytes.own}); it verifies, stores and tells nothing. What is missing to a ratio`,
    'of 1 is the price of that.',
  ),
  paragraph(
    'Curfew’s figure holds everything that a refresh waits for, and more: a durable commit, its',
    'publication, its mark and the projection of the ended token, in one process with the sample',
    'service. Trail and index wait while the process is busy, for 10 s at most',
    '(CURFEW_AUDIT_DELAY_MAX): a round of 6 s is served before them. The rows “after 35 s without',
    'a break” are of a load under which nothing waits any more. Between rounds each server comes',
    'to rest, and its CPU is counted until then.',
  ),
  paragraph(
    'oidc-provider rotates refresh tokens and signs JWT access tokens by ES256; its store is its',
    'own in memory, so nothing outlives its process. Simple-JWT rotates and blacklists, and signs',
    'both tokens by HS256, its default, which is cheaper than ES256. It runs behind gunicorn (five',
    'processes of two threads) on SQLite with a write-ahead log and on PostgreSQL, both durable.',
  ),
  `LMDB’s raw commits are as large as the commit of a refresh: ${commitBytes} bytes.`,
  'CPU is that of the whole server process; waiting for the disk is not in it.',
]

export const refreshEmbedded: Scenario = {
  name: 'refresh-embedded',
  claim: paragraph(
    `One embedded process rotates refresh tokens at least ${bareShareMin} × as fast as a bare`,
    'server signs them, and faster than what a team would pick instead.',
  ),
  needs: [],
  measure,
}
