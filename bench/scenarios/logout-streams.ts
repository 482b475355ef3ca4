import { join } from 'node:path'
import { freePort } from '../../test/support/servers/server-process.ts'
import type { GuardReply, GuardRequest } from '../load/guard-watch.ts'
import type { StreamReply, StreamRequest } from '../load/stream-server.ts'
import type { Bench, Finding, Scenario } from '../scenario.ts'
import { logoutAlone, percentileRows, probeGuard, refusalRows } from '../support/logout-probe.ts'
import { paragraph } from '../support/paragraph.ts'
import { openSeeder, type SeededSession, type SessionSeeder } from '../support/session-seeder.ts'
import { openStream, type StreamClient } from '../support/stream-client.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { openWorker, type Worker } from '../support/worker.ts'

const sessionCount = 500
const streamsEach = 2
const logoutsPerRepeat = 100
const opening = 50
const p99 = { atMost: 10 }

type Setting = Readonly<{
  worker: Worker<StreamRequest, StreamReply>
  gatewayUrl: string
  streamPort: number
  seeder: SessionSeeder
}>
type Streamed = Readonly<{ session: SeededSession; streams: readonly StreamClient[] }>

const prepare = async ({ parts }: Bench): Promise<Setting> => {
  const folder = await parts.use(tempFolder())
  const port = await freePort()
  const settings = {
    CURFEW_DATA_DIR: join(folder.path, 'data'),
    CURFEW_PORT: String(port),
    CURFEW_ORDERS_PORT: '0',
    CURFEW_LOG_LEVEL: 'warn',
  }
  const worker = await parts.use(openWorker<StreamRequest, StreamReply>('../load/stream-server.ts'))
  await worker.ask({ kind: 'open', settings })
  const { port: streamPort = 0 } = await worker.ask({ kind: 'serve' })
  const seeder = await parts.use(openSeeder(settings))
  return { worker, gatewayUrl: `http://127.0.0.1:${port}`, streamPort, seeder }
}

const openStreams = async ({ seeder, streamPort }: Setting): Promise<Streamed[]> => {
  const sessions = await seeder.open(sessionCount)
  await seeder.settled()
  const opened: Streamed[] = []
  for (let from = 0; from < sessions.length; from += opening) {
    const some = sessions.slice(from, from + opening).map(async (session) => {
      const each = Array.from({ length: streamsEach }, () => openStream(streamPort, session.access))
      return { session, streams: await Promise.all(each) }
    })
    opened.push(...(await Promise.all(some)))
  }
  return opened
}

/** In ms from the answer of each logout to the end of the last of its streams. */
const logOut = async (
  { gatewayUrl, worker }: Setting,
  all: readonly Streamed[],
  count: number,
): Promise<number[]> => {
  const late: number[] = []
  for (const { session, streams } of all.slice(0, count)) {
    const { answeredMs } = await logoutAlone(gatewayUrl, session)
    const ended = await Promise.all(streams.map((stream) => stream.ended))
    late.push(Math.max(...ended) - answeredMs)
  }
  const { open } = await worker.ask({ kind: 'count' })
  const openHere = all.flatMap(({ streams }) => streams).filter((stream) => stream.isOpen()).length
  const wanted = (all.length - count) * streamsEach
  if (open !== wanted || openHere !== wanted) throw new Error(`${openHere} streams are open`)
  return late
}

const measure = async (bench: Bench): Promise<Finding> => {
  const count = bench.quick ? 10 : logoutsPerRepeat
  const setting = await prepare(bench)
  const { worker, gatewayUrl, seeder } = setting
  const ended: number[][] = []
  const refused: Awaited<ReturnType<typeof probeGuard>>[] = []
  for (let repeat = 1; repeat <= bench.repeats; repeat += 1) {
    const streamed = await openStreams(setting)
    ended.push(await logOut(setting, streamed, count))
    const others = await seeder.open(count)
    await seeder.settled()
    refused.push(await probeGuard(gatewayUrl, worker as Worker<GuardRequest, GuardReply>, others))
    for (const { streams } of streamed) for (const stream of streams) stream.close()
    bench.say(`repeat ${repeat}: ${2 * count} logouts`)
  }
  return {
    rows: [
      ...percentileRows('stream: answered → both ended at the client', ended, { p99 }),
      ...refusalRows('guard.check beside it', refused, { p99 }),
    ],
    notes: [
      paragraph(
        `${sessionCount * streamsEach} streams of server-sent events of ${sessionCount} sessions`,
        `are open all the while. ${count} logouts a repeat, one after another; after them exactly`,
        'their streams have ended, at the client and in the guard, or the run fails.',
      ),
      paragraph(
        '`guard.check`: as in logout-embedded, with the same streams open. Streams tell by',
        'themselves, and what is measured is the last byte at the client: one more way over a',
        'socket.',
      ),
    ],
  }
}

export const logoutStreams: Scenario = {
  name: 'logout-streams',
  claim: paragraph(
    'Of 1,000 open streams of 500 sessions a logout ends exactly its own, as soon as the guard',
    'refuses its token.',
  ),
  needs: [],
  measure,
}
