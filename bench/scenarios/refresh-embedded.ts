import { join } from 'node:path'
import { sessionStream } from '../../shared/kernel/ids.ts'
import type { BareKoaPlan } from '../baseline/bare-koa.ts'
import type { RawLmdbPlan, RawLmdbResult } from '../baseline/raw-lmdb.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { cpuMsOf } from '../support/curfew-process.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const connections = 32
const refreshesPerSecondMin = 1_500

type Load = Worker<RefreshLoad, RefreshLoadResult>
type Target = { readonly url: string; readonly pid: number; cookies: readonly string[] }
type Round = Readonly<{ perSecond: number; p50Ms: number; p99Ms: number; cpuUs: number }>

const setCookiePattern = /^set-cookie: (access|refresh)=([^;]*)(.*)$/i
const madeByServer = /^(set-cookie|content-type|content-length|date|connection|keep-alive):/i

/** Splits a real answer into what the baseline must repeat. */
const planOf = (sample: string): BareKoaPlan => {
  const lines = sample.split('\r\n').slice(1)
  const cookies = new Map(
    lines.flatMap((line) => {
      const found = setCookiePattern.exec(line)
      return found ? [[found[1], found] as const] : []
    }),
  )
  const headers = lines
    .filter((line) => !madeByServer.test(line))
    .map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon), line.slice(colon + 2)]
    })
  return {
    access: cookies.get('access')?.[2] ?? '',
    refresh: cookies.get('refresh')?.[2] ?? '',
    accessAttributes: cookies.get('access')?.[3] ?? '',
    refreshAttributes: cookies.get('refresh')?.[3] ?? '',
    headers,
  }
}

const roundOf = async (load: Load, target: Target, ms: number): Promise<Round> => {
  const cpuBefore = cpuMsOf(target.pid)
  const { url, cookies } = target
  const result = await load.ask({ url, cookies, plan: { connections, ms } })
  target.cookies = result.cookies
  return {
    perSecond: (result.rotations / result.elapsedMs) * 1_000,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    cpuUs: ((cpuMsOf(target.pid) - cpuBefore) * 1_000) / result.rotations,
  }
}

const prepare = async ({ parts, say }: Bench) => {
  const folder = await parts.use(tempFolder())
  const curfew = await startEmbedded(parts, join(folder.path, 'data'))
  await curfew.process.readyAt(curfew.gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const sessions = await seeder.open(connections)
  const load: Load = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const bare = await parts.use(openWorker<BareKoaPlan, string>('../baseline/bare-koa.ts'))
  const raw = await parts.use(openWorker<RawLmdbPlan, RawLmdbResult>('../baseline/raw-lmdb.ts'))
  const own: Target = {
    url: curfew.gatewayUrl,
    pid: curfew.process.pid,
    cookies: sessions.map(({ cookie }) => cookie),
  }
  say('warming up')
  const warm = await load.ask({
    url: own.url,
    cookies: own.cookies,
    plan: { connections, ms: 1_500 },
  })
  own.cookies = warm.cookies
  const bareUrl = await bare.ask(planOf(warm.sample))
  const other: Target = { url: bareUrl, pid: bare.pid, cookies: own.cookies }
  const bareWarm = await load.ask({
    url: bareUrl,
    cookies: own.cookies,
    plan: { connections, ms: 1_000 },
  })
  other.cookies = bareWarm.cookies
  const [newest] = await seeder.store.heads([sessionStream(sessions[0]?.sid ?? ('' as never))])
  const commitBytes = Buffer.byteLength(JSON.stringify(newest))
  const answerBytes = { own: warm.sample.length, bare: bareWarm.sample.length }
  return { load, raw, own, other, commitBytes, answerBytes, rawDir: join(folder.path, 'raw') }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { repeats, quick, say } = bench
  const setting = await prepare(bench)
  const { load, raw, own, other, commitBytes, answerBytes, rawDir } = setting
  const ms = quick ? 1_500 : 6_000
  const curfew: Round[] = []
  const bare: Round[] = []
  const lmdb: number[] = []
  const shared: number[] = []
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const mine = await roundOf(load, own, ms)
    const its = await roundOf(load, other, ms)
    const disk = await raw.ask({ dir: rawDir, callers: connections, commitBytes, ms: ms / 2 })
    curfew.push(mine)
    bare.push(its)
    lmdb.push((disk.commits / disk.elapsedMs) * 1_000)
    shared.push((disk.transactions / disk.elapsedMs) * 1_000)
    const perSecond = [mine.perSecond, its.perSecond, lmdb.at(-1) ?? 0].map(Math.round)
    say(`repeat ${repeat}: Curfew, bare Koa, LMDB: ${perSecond.join(', ')} per s`)
  }
  const rates = [curfew, bare].map((rounds) => rounds.map(({ perSecond }) => perSecond))
  const [ownRate = [], bareRate = []] = rates
  return {
    rows: [
      {
        measure: 'Curfew: refreshes',
        unit: 'per s',
        repeats: ownRate,
        target: { atLeast: refreshesPerSecondMin },
      },
      { measure: 'bare Koa, two signatures, no store', unit: 'per s', repeats: bareRate },
      { measure: 'Curfew / bare Koa', unit: '×', repeats: ratios(ownRate, bareRate) },
      {
        measure: `raw LMDB: durable commits of ${commitBytes} bytes`,
        unit: 'per s',
        repeats: lmdb,
      },
      { measure: 'raw LMDB: transactions (one fsync pair each)', unit: 'per s', repeats: shared },
      { measure: 'Curfew / raw LMDB commits', unit: '×', repeats: ratios(ownRate, lmdb) },
      { measure: 'Curfew: latency p50', unit: 'ms', repeats: curfew.map(({ p50Ms }) => p50Ms) },
      { measure: 'Curfew: latency p99', unit: 'ms', repeats: curfew.map(({ p99Ms }) => p99Ms) },
      { measure: 'bare Koa: latency p50', unit: 'ms', repeats: bare.map(({ p50Ms }) => p50Ms) },
      { measure: 'bare Koa: latency p99', unit: 'ms', repeats: bare.map(({ p99Ms }) => p99Ms) },
      { measure: 'Curfew: CPU a refresh', unit: 'µs', repeats: curfew.map(({ cpuUs }) => cpuUs) },
      { measure: 'bare Koa: CPU an answer', unit: 'µs', repeats: bare.map(({ cpuUs }) => cpuUs) },
    ],
    notes: [
      paragraph(
        `Closed loop, ${connections} keep-alive connections from a process of its own,`,
        `${ms / 1_000} s a round. Each connection owns a session and sends its newest cookies,`,
        'so that every request is a rotation; an answer that is none ends the run.',
      ),
      paragraph(
        'The bare server signs the same claims (one ES256, one HS256, jsonwebtoken with',
        `KeyObjects) and answers the same headers (${answerBytes.bare} bytes of head against`,
        `${answerBytes.own}); it verifies, stores and tells nothing. What is missing to a ratio`,
        'of 1 is the price of that.',
      ),
      paragraph(
        'Curfew’s figure holds everything that `curfew start` does for a refresh: a durable',
        'commit, its publication, its mark and the projection of the ended token, in one',
        'process with the sample service.',
      ),
      'CPU is that of the whole server process; waiting for the disk is not in it.',
    ],
  }
}

export const refreshEmbedded: Scenario = {
  name: 'refresh-embedded',
  claim: paragraph(
    `One embedded process rotates more than ${refreshesPerSecondMin} refresh tokens a second at`,
    `${connections} connections.`,
  ),
  needs: [],
  measure,
}
