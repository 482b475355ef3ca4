import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { cpuMsOfAll } from '../support/curfew-process.ts'
import { startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { type RefreshLoadWorker, type RotatingServer, roundOf } from '../support/refresh-rounds.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { untilIdle } from '../support/until-idle.ts'
import { warmUp } from '../support/warm-up.ts'
import { openWorker } from '../support/worker.ts'

const connections = 32
const counts = [1, 2, 4] as const
const shareMin = 0.8

type Measured = { readonly count: number; readonly rates: number[]; readonly cpuUs: number[] }
type Started = Measured & Readonly<{ server: RotatingServer; pid: number }>

const startWith = async ({ parts }: Bench, folder: string, count: number): Promise<Started> => {
  const over = { CURFEW_WORKERS: String(count) }
  const curfew = await startEmbedded(parts, join(folder, `data-${count}`), over)
  await curfew.process.readyAt(curfew.ordersUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const cookies = (await seeder.open(connections)).map(({ cookie }) => cookie)
  const server: RotatingServer = { url: curfew.gatewayUrl, pid: 0, dialect: 'curfew', cookies }
  return { count, rates: [], cpuUs: [], server, pid: curfew.process.pid }
}

const playRound = async (load: RefreshLoadWorker, one: Started, ms: number): Promise<void> => {
  const beforeMs = cpuMsOfAll(one.pid)
  const { perSecond } = await roundOf(load, one.server, connections, ms)
  await untilIdle(() => cpuMsOfAll(one.pid))
  one.rates.push(perSecond)
  one.cpuUs.push(((cpuMsOfAll(one.pid) - beforeMs) * 1_000) / ((perSecond * ms) / 1_000))
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, repeats, say } = bench
  const folder = await parts.use(await tempFolder())
  const load: RefreshLoadWorker = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const all: Started[] = []
  for (const count of counts) all.push(await startWith(bench, folder.path, count))
  const ms = quick ? 1_500 : 6_000
  say('warming up')
  for (const { server } of all) {
    const round = async () => (await roundOf(load, server, connections, 1_500)).perSecond
    await (quick ? round() : warmUp(round))
  }
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const one of all) await playRound(load, one, ms)
    say(`round ${repeat} of ${repeats}`)
  }
  const [alone, ...more] = all
  return {
    rows: [
      ...all.flatMap(({ count, rates, cpuUs }): Row[] => [
        { measure: `${count} workers: refreshes`, unit: 'per s', repeats: rates },
        { measure: `${count} workers: CPU a refresh, all processes`, unit: 'µs', repeats: cpuUs },
      ]),
      ...more.map(
        ({ count, cpuUs }): Row => ({
          ...{ measure: `CPU a refresh, 1 / ${count} workers`, unit: '×' },
          ...{ repeats: ratios(alone?.cpuUs ?? [], cpuUs), target: { atLeast: shareMin } },
          ...{ command: `refresh with ${count} workers`, beside: 'with 1: processor a refresh' },
        }),
      ),
    ],
    notes: [
      paragraph(
        `This machine has ${availableParallelism()} cores, and the load takes one of them, so the`,
        'rate cannot show how workers scale. What can be shown is that a refresh costs no more',
        'processor when several processes share one store: with as many cores as it wants, each',
        'worker adds that share of what one alone answers, until LMDB is busy, which one writes at',
        'a time.',
      ),
    ],
  }
}

export const workersEmbedded: Scenario = {
  name: 'workers-embedded',
  claim: `With N workers a refresh costs at most ${1 / shareMin} × the processor.`,
  needs: [],
  measure,
}
