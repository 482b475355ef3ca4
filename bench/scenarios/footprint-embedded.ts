import { join } from 'node:path'
import { systemClock } from '../../shared/kernel/clock.ts'
import { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { freePort } from '../../test/support/servers/server-process.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios, spreadOf } from '../statistics.ts'
import { startBareNode } from '../support/bare-node.ts'
import { type Memory, memoryOf } from '../support/curfew-process.ts'
import { type Embedded, startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker } from '../support/worker.ts'

const starts = 5
const startSecondsMax = 3
const connections = 32
/** The heap’s size after the same work differs by so much between two runs. */
const growthMax = 1.25
const bareStartsMax = 4
const idleMibMax = 120
/** By then V8 has given back what the start took and nothing uses. */
const idleMs = 12_000

type Start = Readonly<{ seconds: number; ordersSeconds: number; memory: Memory; idle: Memory }>
type BareStart = Pick<Start, 'seconds' | 'memory'>
type Starts = Readonly<{ first: Start[]; again: Start[]; bare: BareStart[] }>

const timed = async (
  { process, gatewayUrl, ordersUrl }: Embedded,
  restMs: number,
): Promise<Start> => {
  const [readyMs, ordersMs] = await Promise.all([
    process.readyAt(gatewayUrl),
    process.readyAt(ordersUrl),
  ])
  const memory = memoryOf(process.pid)
  await systemClock.sleep(restMs)
  return {
    seconds: (readyMs - process.startedMs) / 1_000,
    ordersSeconds: (ordersMs - process.startedMs) / 1_000,
    memory,
    idle: memoryOf(process.pid),
  }
}

const oneStart = async (
  dataDir: string,
  ports: Embedded['settings'],
  restMs = 0,
): Promise<Start> => {
  const parts = new Lifecycle()
  try {
    return await timed(await startEmbedded(parts, dataDir, ports), restMs)
  } finally {
    await parts.close()
  }
}

/**
 * Memory of a process that published and refreshed `count` times, over so many sessions of its
 * own: the same work, so that what differs is what a session leaves behind in the process.
 */
const afterWork = async ({ say }: Bench, count: number, sessions: number): Promise<Memory> => {
  const parts = new Lifecycle()
  try {
    const folder = await parts.use(tempFolder())
    const curfew = await startEmbedded(parts, join(folder.path, 'data'))
    await curfew.process.readyAt(curfew.gatewayUrl)
    const seeder = await parts.use(openSeeder(curfew.settings))
    const opened = await seeder.open(count)
    const cookies = opened.slice(0, sessions).map(({ cookie }) => cookie)
    const load = await parts.use(
      openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
    )
    const plan = { connections, refreshes: count }
    await load.ask({ url: curfew.gatewayUrl, cookies, plan })
    await seeder.settled()
    const memory = memoryOf(curfew.process.pid)
    say(`${count} refreshes of ${sessions} sessions: ${memory.totalMib.toFixed(0)} MiB`)
    return memory
  } finally {
    await parts.close()
  }
}

const measureStarts = async ({ parts, say }: Bench): Promise<Starts> => {
  const found: Starts = { first: [], again: [], bare: [] }
  for (let run = 1; run <= starts; run += 1) {
    const folder = await parts.use(tempFolder())
    const dataDir = join(folder.path, 'data')
    const [port, ordersPort] = [String(await freePort()), String(await freePort())]
    const ports = { CURFEW_PORT: port, CURFEW_ORDERS_PORT: ordersPort }
    found.first.push(await oneStart(dataDir, ports))
    found.again.push(await oneStart(dataDir, ports, idleMs))
    found.bare.push(await startBareNode())
    const { first, again, bare } = found
    const told = [first, again, bare].map((runs) => runs.at(-1)?.seconds.toFixed(2)).join(', ')
    say(`start ${run}, again, Node alone: ${told} s`)
  }
  return found
}

const secondsOf = (runs: readonly BareStart[]): number[] => runs.map(({ seconds }) => seconds)

const startRows = ({ first, again, bare }: Starts): Row[] => {
  const target = { atMost: startSecondsMax }
  const idle = again.map((one) => one.idle)
  const bareMib = spreadOf(bare.map(({ memory }) => memory.totalMib)).median
  return [
    { measure: 'first start: to /readyz 200', unit: 's', repeats: secondsOf(first), target },
    {
      measure: 'first start: to /readyz 200 of orders',
      unit: 's',
      repeats: first.map(({ ordersSeconds }) => ordersSeconds),
      target,
    },
    { measure: 'start on existing data: to /readyz 200', unit: 's', repeats: secondsOf(again) },
    { measure: 'Node alone: to its first line', unit: 's', repeats: secondsOf(bare) },
    {
      ...{ measure: 'start on existing data / Node alone', unit: '×', command: 'start' },
      ...{ beside: 'Node’s own start', target: { atMost: bareStartsMax } },
      repeats: ratios(secondsOf(again), secondsOf(bare)),
    },
    {
      ...{
        measure: `RSS, idle for ${idleMs / 1_000} s`,
        unit: 'MiB',
        repeats: idle.map(({ totalMib }) => totalMib),
        command: 'memory, idle',
      },
      beside: `Node’s own: ${Math.round(bareMib)} MiB`,
      target: { atMost: idleMibMax },
    },
    ...memoryRows(`idle for ${idleMs / 1_000} s`, idle).slice(1),
    ...memoryRows(
      'when it is ready',
      first.map(({ memory }) => memory),
    ),
    ...memoryRows(
      'of Node alone',
      bare.map(({ memory }) => memory),
    ),
  ]
}

const memoryRows = (when: string, memories: readonly Memory[]): Row[] => [
  { measure: `RSS ${when}`, unit: 'MiB', repeats: memories.map((one) => one.totalMib) },
  { measure: `— own memory ${when}`, unit: 'MiB', repeats: memories.map((one) => one.ownMib) },
  { measure: `— mapped files ${when}`, unit: 'MiB', repeats: memories.map((one) => one.fileMib) },
]

const measure = async (bench: Bench): Promise<Finding> => {
  const found = await measureStarts(bench)
  const refreshes = bench.quick ? 2_000 : 10_000
  const many: Memory[] = []
  const few: Memory[] = []
  for (let repeat = 1; repeat <= (bench.quick ? 1 : bench.repeats); repeat += 1) {
    many.push(await afterWork(bench, refreshes, refreshes))
    few.push(await afterWork(bench, refreshes, connections))
  }
  const own = (memories: readonly Memory[]): number[] => memories.map(({ ownMib }) => ownMib)
  const count = refreshes.toLocaleString('en')
  return {
    rows: [
      ...startRows(found),
      ...memoryRows(`after ${count} refreshes of ${count} sessions`, many),
      ...memoryRows(`after ${count} refreshes of ${connections} sessions`, few),
      {
        measure: `own memory: ${count} sessions / ${connections} sessions`,
        unit: '×',
        repeats: ratios(own(many), own(few)),
        target: { atMost: growthMax },
      },
    ],
    notes: [
      paragraph(
        `${starts} starts on an empty folder (keys are made), each followed by one on the same`,
        'folder. The time is from the start of the process to the first 200, asked every 5 ms.',
        'The very first one also builds the sources, if they have changed since the last start.',
      ),
      paragraph(
        'RSS is what the kernel counts: own memory (RssAnon: the heap, which grows with work',
        'until it is collected) plus mapped files (RssFile: Node itself, and LMDB’s pages,',
        'which the kernel takes back when others need them). Sessions lie in the store; the',
        'second and third block did the same work on many sessions and on few.',
      ),
    ],
  }
}

export const footprintEmbedded: Scenario = {
  name: 'footprint-embedded',
  claim: paragraph(
    `One embedded process is ready within ${startSecondsMax} s, and sessions take no memory of`,
    'their own: what they are lies in the store.',
  ),
  needs: [],
  measure,
}
