import { join } from 'node:path'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { type Memory, memoryOf } from '../support/curfew-process.ts'
import { type Embedded, startEmbedded } from '../support/embedded.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker } from '../support/worker.ts'

const starts = 5
const startSecondsMax = 3
const connections = 32

type Start = Readonly<{ seconds: number; ordersSeconds: number; memory: Memory }>

const timed = async ({ process, gatewayUrl, ordersUrl }: Embedded): Promise<Start> => {
  const [readyMs, ordersMs] = await Promise.all([
    process.readyAt(gatewayUrl),
    process.readyAt(ordersUrl),
  ])
  return {
    seconds: (readyMs - process.startedMs) / 1_000,
    ordersSeconds: (ordersMs - process.startedMs) / 1_000,
    memory: memoryOf(process.pid),
  }
}

const oneStart = async (dataDir: string): Promise<Start> => {
  const parts = new Lifecycle()
  try {
    return await timed(await startEmbedded(parts, dataDir))
  } finally {
    await parts.close()
  }
}

/** The process meets every session: each is opened in its store and then refreshed by it. */
const afterSessions = async ({ quick, say }: Bench, count: number): Promise<Memory> => {
  const parts = new Lifecycle()
  try {
    const folder = await parts.use(tempFolder())
    const curfew = await startEmbedded(parts, join(folder.path, 'data'))
    await curfew.process.readyAt(curfew.gatewayUrl)
    const seeder = await parts.use(openSeeder(curfew.settings))
    const cookies = (await seeder.open(count)).map(({ cookie }) => cookie)
    say(`${count} sessions are open; refreshing each`)
    const load = await parts.use(
      openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
    )
    await load.ask({ url: curfew.gatewayUrl, cookies, plan: { connections } })
    if (!quick) await seeder.settled()
    return memoryOf(curfew.process.pid)
  } finally {
    await parts.close()
  }
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, say } = bench
  const first: Start[] = []
  const again: Start[] = []
  for (let run = 1; run <= starts; run += 1) {
    const folder = await parts.use(tempFolder())
    const dataDir = join(folder.path, 'data')
    first.push(await oneStart(dataDir))
    again.push(await oneStart(dataDir))
    say(
      `start ${run}: ${first.at(-1)?.seconds.toFixed(2)} s, again ${again.at(-1)?.seconds.toFixed(2)} s`,
    )
  }
  const sessions = quick ? 2_000 : 10_000
  const after: Memory[] = []
  for (let repeat = 1; repeat <= (quick ? 1 : bench.repeats); repeat += 1) {
    const loaded = await afterSessions(bench, sessions)
    after.push(loaded)
    say(`after ${sessions} sessions: ${loaded.totalMib.toFixed(0)} MiB`)
  }
  const idle = first.map(({ memory }) => memory)
  const seconds = (runs: readonly Start[]) => runs.map((run) => run.seconds)
  const target = { atMost: startSecondsMax }
  return {
    rows: [
      { measure: 'first start: to /readyz 200', unit: 's', repeats: seconds(first), target },
      {
        measure: 'first start: to /readyz 200 of orders',
        unit: 's',
        repeats: first.map(({ ordersSeconds }) => ordersSeconds),
        target,
      },
      { measure: 'start on existing data: to /readyz 200', unit: 's', repeats: seconds(again) },
      ...memoryRows('after the start', idle),
      ...memoryRows(`after ${sessions} sessions`, after),
    ],
    notes: [
      `${starts} starts on an empty folder (keys are made, a first user is created), each followed by one on the same folder. The time is from the start of the process to the first 200, asked every 5 ms; sources are TypeScript, so it holds tsx’s work.`,
      `Each of the ${sessions} sessions was opened in the store and refreshed once by the process. RSS is what the kernel counts: own memory (RssAnon) plus mapped files (RssFile: Node itself, and LMDB’s pages, which the kernel takes back when others need them).`,
    ],
  }
}

const memoryRows = (when: string, memories: readonly Memory[]) => [
  { measure: `RSS ${when}`, unit: 'MiB', repeats: memories.map((m) => m.totalMib) } as const,
  { measure: `of it own memory`, unit: 'MiB', repeats: memories.map((m) => m.ownMib) } as const,
  { measure: `of it mapped files`, unit: 'MiB', repeats: memories.map((m) => m.fileMib) } as const,
]

export const footprintEmbedded: Scenario = {
  name: 'footprint-embedded',
  claim: `One embedded process is ready within ${startSecondsMax} s, and its memory does not grow with sessions.`,
  needs: [],
  measure,
}
