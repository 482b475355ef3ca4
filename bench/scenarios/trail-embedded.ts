import { join } from 'node:path'
import { openTrailFiles } from '../../services/auditor/files/index.ts'
import { TrailWorkerHost } from '../../services/auditor/thread/index.ts'
import { verifyTrail } from '../../services/auditor/verification/index.ts'
import type { RawRecord } from '../../shared/events/log-record.ts'
import { macHeader, signRecord } from '../../shared/events/record-mac.ts'
import { noteVerifier, parseVerifierKey } from '../../shared/tlog/note-key.ts'
import { anEventCheck } from '../../test/support/fakes/builders.ts'
import type { RefreshLoad, RefreshLoadResult } from '../load/refresh-load.ts'
import type { Bench, Finding, Row, Scenario } from '../scenario.ts'
import { ratios } from '../statistics.ts'
import { cpuMs } from '../support/cpu-time.ts'
import { startEmbedded } from '../support/embedded.ts'
import { eventRecords } from '../support/event-records.ts'
import { paragraph } from '../support/paragraph.ts'
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
const batchSize = 500
const logId = '10910910910910910910910910910910'
const host = 'bench.example/audit'

type Figures = { written: number[]; writeUs: number[]; verified: number[]; verifyUs: number[] }

/** Records as another process signed them: each is verified, made a leaf, and signed for. */
const batchesOf = (count: number): RawRecord[][] => {
  const { ring } = anEventCheck()
  const records: RawRecord[] = []
  for (const record of eventRecords(count)) {
    const headers = { ...record.headers, [macHeader]: signRecord(ring, record) }
    records.push({ ...record, headers, partition: 0, offset: records.length })
  }
  return Array.from({ length: Math.ceil(count / batchSize) }, (_, at) =>
    records.slice(at * batchSize, (at + 1) * batchSize),
  )
}

/** A trail from nothing, until its checkpoint is on the disk; and all of it verified. */
const writeAndVerify = async (dir: string, count: number, figures: Figures): Promise<void> => {
  const plan = { dir: join(dir, 'trail'), keysDir: join(dir, 'keys'), host, groupAccess: 'none' }
  const batches = batchesOf(count)
  const nothing = (): void => {}
  const listener = { onAlarm: nothing, onSealed: nothing, onVerified: nothing }
  const thread = new TrailWorkerHost({ ...plan, groupAccess: 'none' }, anEventCheck(), listener)
  const { life } = await thread.begin(logId, 1)
  const [startedMs, cpuBefore] = [performance.now(), cpuMs()]
  let adding: Promise<void> = Promise.resolve()
  for (const records of batches) {
    await adding
    const end = (records.at(-1)?.offset ?? 0) + 1
    adding = thread.add(life, { topic: 'auth.events', partition: 0, records, end }, [])
  }
  await adding
  await thread.close()
  figures.written.push((count * 1_000) / (performance.now() - startedMs))
  figures.writeUs.push(((cpuMs() - cpuBefore) * 1_000) / count)
  const files = openTrailFiles(plan.dir)
  const [key = ''] = String(files.read('verifier-keys')).split('\n')
  const [verifyMs, verifyCpu] = [performance.now(), cpuMs()]
  const verified = await verifyTrail({ files, known: [noteVerifier(parseVerifierKey(key))] })
  if (verified.count > 0) throw new Error(`${verified.count} findings in a trail nobody touched`)
  figures.verified.push((count * 1_000) / (performance.now() - verifyMs))
  figures.verifyUs.push(((cpuMs() - verifyCpu) * 1_000) / count)
}

type Sided = Readonly<{ server: RotatingServer; rounds: Round[] }>

const serverWith = async (
  { parts }: Bench,
  folder: string,
  audit: 'true' | 'false',
): Promise<Sided> => {
  const over = { CURFEW_AUDIT: audit }
  const curfew = await startEmbedded(parts, join(folder, `audit-${audit}`), over)
  await curfew.process.readyAt(curfew.gatewayUrl)
  const seeder = await parts.use(openSeeder(curfew.settings))
  const cookies = (await seeder.open(connections)).map(({ cookie }) => cookie)
  const { pid } = curfew.process
  return { server: { url: curfew.gatewayUrl, pid, dialect: 'curfew', cookies }, rounds: [] }
}

const sustainedRow = (kept: readonly Round[], without: readonly Round[]): Row => ({
  ...{ measure: 'the same after 35 s without a break', unit: '×', target: { atLeast: 0.95 } },
  ...{ command: 'refresh rotation with the trail, sustained', beside: 'without it' },
  repeats: ratios(
    kept.map(({ perSecond }) => perSecond),
    without.map(({ perSecond }) => perSecond),
  ),
})

const rowsOf = (figures: Figures, kept: readonly Round[], without: readonly Round[]): Row[] => {
  const share = (of: (round: Round) => number): number[] => ratios(kept.map(of), without.map(of))
  return [
    {
      ...{ measure: 'events into the trail', unit: 'per s', repeats: figures.written },
      ...{ target: { atLeast: 30_000 }, command: 'events into the trail', beside: 'a second' },
    },
    { measure: 'CPU an event, both threads', unit: 'µs', repeats: figures.writeUs },
    { measure: 'leaves verified', unit: 'per s', repeats: figures.verified },
    { measure: 'CPU a leaf that is verified', unit: 'µs', repeats: figures.verifyUs },
    {
      ...{ measure: 'rotations with the trail / without', unit: '×' },
      ...{ repeats: share(({ perSecond }) => perSecond), target: { atLeast: 0.95 } },
      ...{ command: 'refresh rotation with the trail', beside: 'without it' },
    },
    {
      ...{ measure: 'CPU a rotation with the trail / without', unit: '×' },
      repeats: share(({ cpuUs }) => cpuUs),
    },
    {
      ...{ measure: 'p99 with the trail / without', unit: '×' },
      repeats: share(({ p99Ms }) => p99Ms),
    },
  ]
}

const measure = async (bench: Bench): Promise<Finding> => {
  const { parts, quick, repeats, say } = bench
  const figures: Figures = { written: [], writeUs: [], verified: [], verifyUs: [] }
  const count = quick ? 50_000 : 300_000
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const folder = await parts.use(await tempFolder())
    await writeAndVerify(folder.path, count, figures)
    say(`trail ${repeat} of ${repeats}`)
  }
  const folder = await parts.use(await tempFolder())
  const load: RefreshLoadWorker = await parts.use(
    openWorker<RefreshLoad, RefreshLoadResult>('../load/refresh-load.ts'),
  )
  const kept = await serverWith(bench, folder.path, 'true')
  const without = await serverWith(bench, folder.path, 'false')
  const ms = quick ? 1_500 : 6_000
  say('warming up')
  for (const { server } of [kept, without]) {
    const round = async () => (await roundOf(load, server, connections, 1_500)).perSecond
    await (quick ? round() : warmUp(round))
  }
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    for (const { server, rounds } of repeat % 2 === 0 ? [without, kept] : [kept, without]) {
      rounds.push(await roundOf(load, server, connections, ms))
    }
    say(`round ${repeat} of ${repeats}`)
  }
  const sustained: Row[] = []
  if (!quick) {
    const keptOn = await sustainedRoundOf(load, kept.server, connections, ms)
    const wentOn = await sustainedRoundOf(load, without.server, connections, ms)
    sustained.push(sustainedRow([keptOn], [wentOn]))
  }
  return {
    rows: [...rowsOf(figures, kept.rounds, without.rounds), ...sustained],
    notes: [
      paragraph(
        `${count.toLocaleString('en')} events that another process signed go into a trail from`,
        'nothing, until its checkpoint is on the disk: MAC, leaf, tree, files. At the rate of the',
        'first row 10 million are rebuilt in 10,000,000 divided by it. On a machine of two cores',
        'the load, the gateway and the trail share them, so a rotation is beside what it costs in',
        'processor too.',
      ),
      paragraph(
        'While the process is busy trail and index wait, 10 s at most (CURFEW_AUDIT_DELAY_MAX):',
        'rounds of 6 s are served before them, and their CPU is counted until the server has come',
        'to rest. After 35 s without a break nothing waits any more.',
      ),
    ],
  }
}

export const trailEmbedded: Scenario = {
  name: 'trail-embedded',
  claim: 'The trail takes 30,000 events a second, and costs a rotation at most 5 %.',
  needs: [],
  measure,
}
