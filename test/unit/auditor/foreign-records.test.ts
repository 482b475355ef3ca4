import fc from 'fast-check'
import { addLife, treeFolder } from '../../../services/auditor/files/index.ts'
import { makeReceipt } from '../../../services/auditor/receipts/index.ts'
import { judgeRecord } from '../../../services/auditor/trees/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { fleetHeader } from '../../../shared/events/fleet-header.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { macHeader, signRecord } from '../../../shared/events/record-mac.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { parseTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { anEventCheck, noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { Crash, CrashingFiles, type Ending } from '../../support/trail/crashing-files.ts'
import { atOnce, host, logId, openLife, recordAt, ring } from '../../support/trail/drawn-trail.ts'

const fleet = 'f'.repeat(32)
const check = { ...anEventCheck(), ring: { ...anEventCheck().ring, fleet } }
const known = ring.verifiers(host)

const signed = (record: RawRecord): RawRecord => {
  const headers = { ...record.headers, [fleetHeader]: fleet }
  const { topic } = record
  const covered = { topic, key: String(record.key), headers, value: String(record.value) }
  return { ...record, headers: { ...headers, [macHeader]: signRecord(check.ring, covered) } }
}
/** With the id of the event at 3, and another session in it. */
const foreignAt = (offset: number, id = recordAt(3).headers['ce_id'] ?? ''): RawRecord => {
  const record = recordAt(offset)
  return { ...record, headers: { ...record.headers, ce_id: id, [fleetHeader]: 'another' } }
}
const genuine = Array.from({ length: 10 }, (_, at) => signed(recordAt(at)))
const opened = (files: CrashingFiles) =>
  openLife({ files, fleet, judge: (record) => judgeRecord(check, record) })

const trailWith = async (last: readonly RawRecord[]) => {
  const files = new CrashingFiles()
  addLife(files, logId)
  const life = opened(files)
  const records = [...genuine, ...last]
  const alarms = await life.add({ partition: 0, records, end: records.length }, atOnce)
  life.seal(noon, noon)
  return { files, alarms }
}

const leafOfReceipt = async (files: CrashingFiles): Promise<number | undefined> => {
  const receipt = await makeReceipt(files, recordAt(3).headers['ce_id'] ?? '')
  return receipt ? parseTlogProof(receipt).index : undefined
}

const late = (record: RawRecord): RawRecord => ({
  ...record,
  headers: { ...record.headers, ce_time: '2099-01-01T00:00:00Z' },
})

const forgeries = {
  unsigned: (record: RawRecord): RawRecord => ({
    ...record,
    headers: { ...record.headers, [fleetHeader]: fleet },
  }),
  'of another key': (record: RawRecord): RawRecord => {
    const { headers } = signed(record)
    return { ...record, headers: { ...headers, [macHeader]: 'other.AAAA' } }
  },
  changed: (record: RawRecord): RawRecord => ({ ...signed(record), key: 'somebody' }),
  'with the MAC of another': (record: RawRecord): RawRecord => {
    const { headers } = signed(record)
    const other = signed(recordAt(3)).headers[macHeader] ?? ''
    return { ...record, headers: { ...headers, [macHeader]: other } }
  },
} satisfies Record<string, (record: RawRecord) => RawRecord>

const kind = fc.constantFrom(...(Object.keys(forgeries) as (keyof typeof forgeries)[]))
const drawnForgeries = fc.array(kind, { minLength: 2, maxLength: 6 }).chain((kinds) =>
  fc.record({
    kinds: fc.constant(kinds),
    gap: fc.nat(kinds.length - 1),
    batch: fc.integer({ min: 1, max: 9 }),
    crash: fc.nat(120),
    ending: fc.constantFrom<Ending>('killed', 'power_cut'),
  }),
)

type Crashing = Readonly<{ batch: number; crash: number; ending: Ending }>

/** Signed after each batch; the auditor dies at a step of the disk, and another one goes on. */
const filledInBatches = async (
  records: readonly RawRecord[],
  { batch, crash, ending }: Crashing,
): Promise<CrashingFiles> => {
  const fill = async (files: CrashingFiles): Promise<void> => {
    const life = opened(files)
    for (let at = life.resumesAt().get(0) ?? 0; at < records.length; at += batch) {
      const some = records.slice(at, at + batch)
      await life.add({ partition: 0, records: some, end: records.length }, atOnce)
      life.seal((noon + at) as EpochMs, noon)
    }
    life.seal((noon + 3_600_000) as EpochMs, noon)
  }
  const begun = new CrashingFiles()
  addLife(begun, logId)
  opened(begun).seal(noon, noon)
  const first = new CrashingFiles(begun.disk, crash)
  await fill(first).catch((error: Error) => {
    if (!(error instanceof Crash)) throw error
  })
  const files = new CrashingFiles(first.survives(ending))
  await fill(files)
  return files
}

claims('a record that is not of this fleet', {
  'is an alarm, and no receipt proves it for the event whose id it took': async () => {
    const unsigned = {
      ...recordAt(11),
      headers: { ...recordAt(11).headers, ce_id: recordAt(3).headers['ce_id'] ?? '' },
    }
    const { files, alarms } = await trailWith([foreignAt(10), unsigned])
    assert.equal(
      alarms.map(({ kind, offset }) => [kind, offset]),
      [
        ['foreign', 10],
        ['forged', 11],
      ],
    )
    assert.is(await leafOfReceipt(files), 3)
  },

  'is not found either when the index of ids is made again': async () => {
    const { files } = await trailWith([foreignAt(10)])
    files.disk.delete(`${treeFolder(logId, 0)}/ids`)
    opened(files)
    assert.is(await leafOfReceipt(files), 3)
  },

  'neither lacks versions of a stream nor stands in for one': async () => {
    const stranger = await trailWith([foreignAt(10, 's/stranger:7:0'), signed(late(recordAt(11)))])
    const verified = await verifyTrail({ files: stranger.files, known })
    assert.equal(verified.findings, [])
    const ids = (version: number) => ({ session: 77, version })
    const filled = await trailWith([
      signed(recordAt(10, ids(0))),
      foreignAt(11, recordAt(11, ids(1)).headers['ce_id']),
      signed(recordAt(12, ids(2))),
      signed(late(recordAt(13))),
    ])
    const { findings } = await verifyTrail({ files: filled.files, known })
    assert.is(findings.length, 1)
    assert.match(findings[0]?.problem ?? '', 'event 1:0 is not in the trail')
  },

  'without a valid MAC it stands in for no event, is told itself, and hides no gap': () =>
    fc.assert(
      fc.asyncProperty(drawnForgeries, async ({ kinds, gap, ...crashing }) => {
        const ids = (version: number) => ({ session: 77, version })
        const from = genuine.length
        // A session whose versions are all there, but for one, whose id a forged record has.
        const stream = kinds.map((kind, at) => {
          const record = recordAt(from + at, ids(at))
          return at === gap ? forgeries[kind](record) : signed(record)
        })
        const end = signed(late(recordAt(from + stream.length)))
        const extra = kinds.map((kind, at) => forgeries[kind](recordAt(end.offset + 1 + at)))
        const records = [...genuine, ...stream, end, ...extra]
        const files = await filledInBatches(records, crashing)
        const { findings, unsigned } = await verifyTrail({ files, known })
        const problems = findings.map(({ problem }) => problem)
        const isMissed = gap < stream.length - 1
        assert.is(problems.length, isMissed ? 1 : 0, problems.join())
        if (isMissed) assert.match(problems[0] ?? '', `event ${gap}:0 is not in the trail`)
        const indexes = unsigned.first.map(({ index }) => index)
        assert.equal(indexes, [from + gap, ...extra.map(({ offset }) => offset)])
        assert.is(unsigned.count, indexes.length)
      }),
      { numRuns: 60 },
    ),

  'whatever time it says, what may be on its way still is': async () => {
    const [first, , third] = [0, 1, 2].map((version) => {
      return signed(recordAt(genuine.length + (version >> 1), { session: 77, version }))
    })
    if (!first || !third) throw new Error('no records')
    const forged = forgeries.unsigned(late(recordAt(genuine.length + 2)))
    const { files } = await trailWith([first, third, forged])
    assert.equal((await verifyTrail({ files, known })).findings, [])
  },

  'more of them than one head names are in several': async () => {
    const forged = Array.from({ length: 1_203 }, (_, at) => {
      const record = recordAt(genuine.length + at)
      return at % 2 === 0 ? forgeries.unsigned(record) : signed(record)
    })
    const { files } = await trailWith(forged)
    const { findings, unsigned } = await verifyTrail({ files, known })
    assert.equal(findings, [])
    assert.is(unsigned.count, 602)
  },
})
