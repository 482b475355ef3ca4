import { treeFolder } from '../../../services/auditor/files/index.ts'
import { leafOf, missingLeaf } from '../../../services/auditor/leaves/index.ts'
import { readHead } from '../../../services/auditor/trees/index.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  logId,
  openLife,
  recordAt,
  recordsOf,
  trailOf,
} from '../../support/trail/drawn-trail.ts'
import { definedRoot } from '../../support/trail/drawn-trees.ts'

const changed = (record: RawRecord): RawRecord => ({ ...record, key: 'somebody else' })
const rootOver = (records: readonly RawRecord[]): Buffer =>
  definedRoot(records.map((record) => leafOf(logId, record).bytes))
const bundleIn = (files: CrashingFiles, path: string): readonly Buffer[] =>
  entriesIn(files.read(path) ?? Buffer.alloc(0)) ?? []

claims('a life of the trail', {
  'the leaf at an index is the record at that offset, whatever the batches were': async () => {
    for (const batch of [1, 100, 256, 700]) {
      const files = new CrashingFiles()
      const life = await trailOf(files, recordsOf(0, 700), { batch })
      assert.equal(life.sizes(), new Map([[0, 700]]))
      const bundle = bundleIn(files, `${treeFolder(logId, 0)}/tile/entries/001`)
      assert.equal(bundle[44], leafOf(logId, recordAt(300)).bytes)
    }
  },

  'records that come again are compared, and one that differs stops its partition alone':
    async () => {
      const files = new CrashingFiles()
      const records = [...recordsOf(0, 300), ...recordsOf(0, 20, 1)]
      await trailOf(files, records, { partitions: 2 })
      for (const offset of [0, 100, 255, 256, 299]) {
        const life = openLife({ files, partitions: 2 })
        assert.equal(
          await life.add({ partition: 0, records: recordsOf(0, 300), end: 300 }, atOnce),
          [],
        )
        const one = changed(recordAt(offset))
        const alarms = await life.add(
          { partition: 0, records: [one, recordAt(300)], end: 301 },
          atOnce,
        )
        assert.equal(
          alarms.map(({ kind, offset: at }) => [kind, at]),
          [['rewritten', offset]],
        )
        assert.is(life.refused().length, 1)
        assert.equal(
          await life.add({ partition: 0, records: [recordAt(300)], end: 301 }, atOnce),
          [],
        )
        assert.equal(
          await life.add({ partition: 1, records: recordsOf(20, 21, 1), end: 21 }, atOnce),
          [],
        )
        assert.equal([...life.sizes().values()], [300, 21])
      }
    },

  'a log that ends below what is signed is not gone on from': async () => {
    const files = new CrashingFiles()
    await trailOf(files, recordsOf(0, 30))
    const life = openLife({ files })
    const [alarm] = await life.add({ partition: 0, records: recordsOf(0, 20), end: 20 }, atOnce)
    assert.is(alarm?.kind, 'shorter')
    assert.equal(await life.add({ partition: 0, records: recordsOf(20, 40), end: 40 }, atOnce), [])
    assert.is(life.seal(noon, noon), true, 'a head is signed, of what was')
    assert.is(life.sizes().get(0), 30)
  },

  'what the log does not have is filled up and alarmed, at its beginning and in a gap':
    async () => {
      const files = new CrashingFiles()
      const life = openLife({ files })
      const first = await life.add({ partition: 0, records: recordsOf(600, 610), end: 610 }, atOnce)
      assert.equal(
        first.map(({ kind, offset }) => [kind, offset]),
        [['missing', 0]],
      )
      const second = await life.add(
        { partition: 0, records: recordsOf(612, 613), end: 613 },
        atOnce,
      )
      assert.equal(
        second.map(({ kind, offset }) => [kind, offset]),
        [['missing', 610]],
      )
      life.seal(noon, noon)
      const bundle = bundleIn(files, `${treeFolder(logId, 0)}/tile/entries/002.p/101`)
      assert.equal(bundle[599 - 512], missingLeaf)
      assert.equal(bundle[611 - 512], missingLeaf)
      assert.equal(bundle[612 - 512], leafOf(logId, recordAt(612)).bytes)
      assert.equal(openLife({ files }).sizes().get(0), 613)
    },

  'a head names every partition with its size and root': async () => {
    const files = new CrashingFiles()
    const records = [...recordsOf(0, 30), ...recordsOf(0, 40, 1)]
    await trailOf(files, records, { partitions: 3 })
    const path = `${treeFolder(logId, 'heads')}/tile/entries/000.p/`
    const width = files.names(path.slice(0, -1)).map(Number).sort().at(-1)
    const heads = readHead(bundleIn(files, `${path}${width}`).at(-1) ?? Buffer.alloc(0))?.partitions
    assert.equal(
      heads,
      new Map([
        [0, { size: 30, root: rootOver(recordsOf(0, 30)) }],
        [1, { size: 40, root: rootOver(recordsOf(0, 40, 1)) }],
        [2, { size: 0, root: definedRoot([]) }],
      ]),
    )
  },

  'without an event a head is signed once a minute': () => {
    const life = openLife({ files: new CrashingFiles() })
    const signedAt = [0, 1, 30, 59.9, 60, 61, 119.9, 120.1].filter((seconds) =>
      life.seal((noon + seconds * 1_000) as EpochMs, noon),
    )
    assert.equal(signedAt, [0, 60, 120.1])
  },

  'the first head of a new life holds the signed head of the one before': async () => {
    const files = new CrashingFiles()
    await trailOf(files, recordsOf(0, 30))
    const next = 'b'.repeat(32)
    await trailOf(files, recordsOf(0, 3), { life: next, previous: logId })
    const folder = treeFolder(next, 'heads')
    const [width] = files.names(`${folder}/tile/entries/000.p`)
    const [first] = bundleIn(files, `${folder}/tile/entries/000.p/${width}`)
    const { previous } = JSON.parse(String(first)) as { previous: string }
    const head = files.read(`${treeFolder(logId, 'heads')}/checkpoint`)
    assert.is(previous, head?.toString('utf8'))
  },

  'of two auditors on one folder the second one to sign is refused': async () => {
    const files = new CrashingFiles()
    const [one, other] = [openLife({ files }), openLife({ files })]
    const batch = { partition: 0, records: recordsOf(0, 30), end: 30 }
    await one.add(batch, atOnce)
    await other.add(batch, atOnce)
    one.seal(noon, noon)
    assert.throws(() => other.seal(noon, noon), /another process/)
    const next = openLife({ files })
    await next.add({ partition: 0, records: recordsOf(30, 31), end: 31 }, atOnce)
    assert.is(next.seal(noon, noon), true)
  },

  'a trail whose last files were changed is not gone on with, and the place is named': async () => {
    const files = new CrashingFiles()
    await trailOf(files, recordsOf(0, 300))
    const folder = treeFolder(logId, 0)
    for (const path of [
      'tile/0/001.p/44',
      'tile/1/000.p/1',
      'tile/entries/001.p/44',
      'checkpoint',
    ].map((name) => `${folder}/${name}`)) {
      for (const damage of [
        (bytes: Buffer) => bytes.with?.(9, (bytes[9] ?? 0) ^ 1) ?? bytes,
        (bytes: Buffer) => bytes.subarray(0, -1),
        () => null,
      ]) {
        const broken = new CrashingFiles(files.disk)
        const bytes = damage(Buffer.from(broken.read(path) ?? ''))
        if (bytes === null) broken.disk.delete(path)
        else broken.disk.set(path, Buffer.from(bytes))
        try {
          openLife({ files: broken })
          assert.unreachable(`${path} was taken`)
        } catch (error) {
          assert.is((error as { code?: string }).code, 'TRAIL_INVALID', String(error))
        }
      }
    }
  },
})
