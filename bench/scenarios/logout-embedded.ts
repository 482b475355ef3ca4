import { join } from 'node:path'
import { freePort } from '../../test/support/servers/server-process.ts'
import type { GuardReply, GuardRequest } from '../load/guard-watch.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { startEmbedded } from '../support/embedded.ts'
import {
  pauseMs,
  probeGuard,
  probeOrders,
  type Refusal,
  refusalRows,
} from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SessionSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const p99MsMax = 10

type GuardWorker = Worker<GuardRequest, GuardReply>
type InProcess = Readonly<{ worker: GuardWorker; gatewayUrl: string; seeder: SessionSeeder }>

const openInProcess = async ({ parts }: Bench, dataDir: string): Promise<InProcess> => {
  const port = await freePort()
  const settings = {
    CURFEW_DATA_DIR: dataDir,
    CURFEW_PORT: String(port),
    CURFEW_ORDERS_PORT: '0',
    CURFEW_LOG_LEVEL: 'warn',
  }
  const worker: GuardWorker = await parts.use(
    openWorker<GuardRequest, GuardReply>('../load/embedded-guard.ts'),
  )
  await worker.ask({ kind: 'open', settings })
  const seeder = await parts.use(openSeeder(settings))
  return { worker, gatewayUrl: `http://127.0.0.1:${port}`, seeder }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, say } = bench
  const logouts = quick ? 20 : 200
  const folder = await parts.use(tempFolder())
  const started = await startEmbedded(parts, join(folder.path, 'started'))
  await Promise.all([
    started.process.readyAt(started.gatewayUrl),
    started.process.readyAt(started.ordersUrl),
  ])
  const seeder = await parts.use(openSeeder(started.settings))
  const inProcess = await openInProcess(bench, join(folder.path, 'direct'))
  const http: Refusal[][] = []
  const direct: Refusal[][] = []
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const sessions = [await seeder.open(logouts), await inProcess.seeder.open(logouts)] as const
    await Promise.all([seeder.settled(), inProcess.seeder.settled()])
    http.push(await probeOrders(started, sessions[0]))
    direct.push(await probeGuard(inProcess.gatewayUrl, inProcess.worker, sessions[1]))
    say(`repeat ${repeat}: ${2 * logouts} logouts`)
  }
  return {
    rows: [
      ...refusalRows('GET /orders', http, { p99: { atMost: p99MsMax } }),
      ...refusalRows('guard.check', direct, { p99: { atMost: p99MsMax } }),
    ],
    notes: [
      paragraph(
        `${logouts} logouts a repeat and door, one after another. Both instants are on one`,
        'clock (CLOCK_MONOTONIC): the answer’s is when its last byte was at the client; a',
        'negative time means that the guard refused before the client had the answer.',
      ),
      paragraph(
        '`GET /orders`: `curfew start`; a second keep-alive connection calls the sample service',
        `with the access token, ${pauseMs} ms after each answer, beginning before the logout. What`,
        'is seen is the end of the first refused answer, so a refusal is seen up to one grain',
        'plus one answer late.',
      ),
      paragraph(
        '`guard.check`: the same parts in a process of the bench, which asks the guard of',
        '`orders` once a turn of its event loop.',
      ),
    ],
  }
}

export const logoutEmbedded: Scenario = {
  name: 'logout-embedded',
  claim: paragraph(
    `Embedded, a guard refuses the session’s access token within ${p99MsMax} ms of the logout’s`,
    'answer, 99 times in 100.',
  ),
  needs: [],
  measure,
}
