import { join } from 'node:path'
import type { DatabaseSizes } from '../load/database-sizes.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { cpuMsOf } from '../support/curfew-process.ts'
import { type Embedded, startEmbedded } from '../support/embedded.ts'
import { paragraph } from '../support/paragraph.ts'
import { openRequestLoad, perSecond, type RequestLoadWorker } from '../support/request-rounds.ts'
import { openSeeder, type SeededSession, type SessionSeeder } from '../support/session-seeder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { untilIdle } from '../support/until-idle.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const connections = 32
/** Sessions that are used, drawn from all: what they touch lies all over the files. */
const usedSessions = 3_200
const [few, many, quickMany] = [10_000, 300_000, 20_000]
const growthMax = 1.3
const bytesMax = 2_000

type Load = Worker<RefreshLoad, RefreshLoadResult>
type Rates = Readonly<{ refresh: number[]; me: number[] }>
type Setting = Readonly<{
  curfew: Embedded
  seeder: SessionSeeder
  refreshing: Load
  requesting: RequestLoadWorker
}>

const spread = (sessions: readonly SeededSession[]): readonly SeededSession[] => {
  const step = Math.floor(sessions.length / usedSessions)
  return Array.from({ length: usedSessions }, (_, index) => sessions[index * step] ?? []).flat()
}

const ratesAt = async (
  { curfew: { gatewayUrl: url }, refreshing, requesting }: Setting,
  used: readonly SeededSession[],
  { repeats, quick }: Bench,
): Promise<Rates> => {
  const ms = quick ? 1_000 : 4_000
  const rates: Rates = { refresh: [], me: [] }
  let cookies = used.map(({ cookie }) => cookie)
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const rotated = await refreshing.ask({ url, cookies, plan: { connections, ms } })
    cookies = [...rotated.cookies]
    rates.refresh.push((rotated.rotations / rotated.elapsedMs) * 1_000)
    const sendings = cookies.map((cookie) => ({ cookie }))
    const asked = await requesting.ask({
      ...{ url, method: 'GET', path: '/me', sendings, connections, plan: { ms } },
    })
    rates.me.push(perSecond(asked))
  }
  return rates
}

const rowsOf = (name: string, command: string, before: number[], after: number[]): Row[] => [
  { measure: `${name}, few sessions`, unit: 'per s', repeats: before },
  { measure: `${name}, many sessions`, unit: 'per s', repeats: after },
  {
    ...{ measure: `${name}: few / many`, unit: '×', repeats: ratios(before, after), command },
    ...{ beside: 'the same with few sessions', target: { atMost: growthMax } },
  },
]

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, say } = bench
  const folder = await parts.use(await tempFolder())
  const dataDir = join(folder.path, 'data')
  const curfew = await startEmbedded(parts, dataDir)
  await curfew.process.readyAt(curfew.gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const refreshing: Load = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const setting = { curfew, seeder, refreshing, requesting: await openRequestLoad(parts) }
  // A refresh token is used once: each measurement has sessions of its own.
  await ratesAt(setting, await seeder.open(usedSessions), { ...bench, repeats: 1 })
  const first = await seeder.open(few)
  await seeder.settled()
  const before = await ratesAt(setting, spread(first), bench)
  const wanted = quick ? quickMany : many
  const sessions: SeededSession[] = []
  while (sessions.length < wanted) {
    sessions.push(...(await seeder.open(few)))
    say(`${sessions.length} of ${wanted} sessions`)
  }
  await seeder.settled()
  // Behind projector and index too: they hold what was published.
  await untilIdle(() => cpuMsOf(curfew.process.pid))
  const sizing = await parts.use(
    openWorker<Readonly<{ path: string }>, DatabaseSizes>('../load/database-sizes.ts'),
  )
  const sizes = await sizing.ask({ path: dataDir })
  const after = await ratesAt(setting, spread(sessions), bench)
  const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0)
  const all = usedSessions + few + sessions.length
  const each = (bytes: number): number => bytes / all
  return {
    rows: [
      ...rowsOf('refresh', 'refresh at many sessions', before.refresh, after.refresh),
      ...rowsOf('GET /me', 'GET /me at many sessions', before.me, after.me),
      {
        ...{ measure: 'a session takes', unit: 'bytes', repeats: [each(total)] },
        ...{ command: 'a session on the disk, with its events', target: { atMost: bytesMax } },
      },
      ...sizes
        .filter(([, bytes]) => each(bytes) >= 1)
        .map(([name, bytes]): Row => {
          return { measure: `— in ${name}`, unit: 'bytes', repeats: [each(bytes)] }
        }),
    ],
    notes: [
      paragraph(
        `Few are ${(usedSessions + few).toLocaleString('en')} living sessions, many`,
        `${all.toLocaleString('en')}. Of them ${usedSessions.toLocaleString('en')},`,
        `which lie all over the files, are used by ${connections} connections.`,
      ),
      paragraph(
        'The bytes are pages of the database files, free ones aside, of sessions nearly all of',
        'which logged in and have not refreshed yet: their commits, their two events in the log,',
        'the session list.',
      ),
    ],
  }
}

export const growthEmbedded: Scenario = {
  name: 'growth-embedded',
  claim: `Twenty times the sessions make no request more than ${growthMax} × as expensive.`,
  needs: [],
  measure,
}
