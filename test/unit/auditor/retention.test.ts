import fc from 'fast-check'
import { signedLogs } from '../../../services/auditor/exports/exported-log.ts'
import {
  proveEntry,
  readMinimumIndex,
  signedTiles,
  type TrailFiles,
  treeFolder,
} from '../../../services/auditor/files/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import { makeReceipt } from '../../../services/auditor/receipts/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { consistencyProof, isConsistent } from '../../../shared/tlog/merkle-proof.ts'
import { nodesInTiles } from '../../../shared/tlog/tile-path.ts'
import { parseTlogProof, verifyTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { Crash, CrashingFiles, type Ending } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  host,
  logId,
  openLife,
  recordsOf,
  ring,
  trailOf,
} from '../../support/trail/drawn-trail.ts'
import { definedRoot } from '../../support/trail/drawn-trees.ts'
import { begun, longAfter, retained, retainingParts } from '../../support/trail/retained-trail.ts'

const known = ring.verifiers(host)
const folder = treeFolder(logId, 0)
const findingsOf = async (files: TrailFiles) => (await verifyTrail({ files, known })).findings

const trailOfSize = async (size: number, batch = 100): Promise<CrashingFiles> => {
  const files = begun(new CrashingFiles())
  await trailOf(files, recordsOf(0, size), { batch })
  return files
}

/** By index, of the records of every trail here. */
const leaves = recordsOf(0, 1_400).map((record) => leafOf(logId, record).bytes)

/** Each leaf that stays is proven, and each later tree from each earlier one. */
const provesWhatStays = async (files: TrailFiles, drawn: readonly number[]): Promise<void> => {
  const [log] = signedLogs(files, known)
  assert.ok(log)
  const { checkpoint, note, begin } = log
  const { size } = checkpoint
  // The last leaf is the event of the retention itself.
  const entries = leaves.slice(0, size - 1)
  const place = { files, folder }
  for (const one of drawn) {
    const index = begin.size + (one % (size - begin.size))
    const proof = parseTlogProof(
      await proveEntry(place, { checkpoint: Buffer.from(note), size }, index),
    )
    verifyTlogProof(proof, proof.extra ?? Buffer.alloc(0), known)
    if (index === 0) continue
    const older = { size: index, root: definedRoot(entries.slice(0, index)) }
    const nodes = nodesInTiles(signedTiles(files, folder), size)
    const isWhole = isConsistent(older, checkpoint, await consistencyProof(nodes, index, size))
    assert.ok(isWhole, `from ${index} to ${size}`)
  }
}

claims('a trail that lets go of old events', {
  'what stays is verified and proven, what went is in no file, and the auditor goes on': () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_400 }),
        fc.integer({ min: 0, max: 1_500 }),
        fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
        async (size, cut, drawn) => {
          const files = await trailOfSize(size)
          const before = (noon + cut) as EpochMs
          await retained(retainingParts(files), { before })
          assert.equal(await findingsOf(files), [])
          const minimum = readMinimumIndex(files, folder)
          assert.ok(minimum <= cut + 256 && minimum < size)
          await provesWhatStays(files, drawn)
          const text = Buffer.concat([...files.disk.values()]).toString('latin1')
          for (const [offset, record] of recordsOf(0, size).entries()) {
            const id = record.headers['ce_id'] ?? ''
            if (offset % 97 === 0) assert.is(text.includes(`"${id}"`), offset >= minimum, id)
          }
          // It compares what it has with the log, and takes what comes.
          const life = openLife({ files })
          const end = life.sizes().get(0) ?? 0
          const again = { partition: 0, records: recordsOf(0, size), end }
          assert.equal(await life.add(again, atOnce), [])
          await life.add(
            { partition: 0, records: recordsOf(end, end + 300), end: end + 300 },
            atOnce,
          )
          life.seal((longAfter + 1_000) as EpochMs, noon)
          assert.equal(await findingsOf(files), [])
        },
      ),
      { numRuns: 25 },
    ),

  'of a tree of several levels, over and over, all that is under what stays is there': async () => {
    const size = 66_600
    const files = begun(new CrashingFiles())
    await trailOf(files, recordsOf(0, size), { batch: 3_700 })
    const parts = retainingParts(files)
    for (const cut of [20_000, 60_000, 66_000]) {
      await retained(parts, { before: (noon + cut) as EpochMs })
      assert.equal(await findingsOf(files), [], `cut at ${cut}`)
      const minimum = readMinimumIndex(files, folder)
      const bundles = [...files.disk.keys()].filter((path) => path.startsWith(`${folder}/tile/0/`))
      assert.ok(bundles.length <= (size - minimum) / 256 + 3, `${bundles.length} at ${minimum}`)
    }
    assert.ok(readMinimumIndex(files, folder) > 65_536)
    assert.is(files.disk.has(`${folder}/tile/1/000`), false)
    assert.ok(await makeReceipt(files, recordsOf(66_590, 66_591)[0]?.headers['ce_id'] ?? ''))
    const gone = recordsOf(5, 6)[0]?.headers['ce_id'] ?? ''
    assert.is(await makeReceipt(files, gone), null)
  },

  'killed or cut off at any step, it is in order, and the next run ends it': async () => {
    const run = async (files: CrashingFiles, parts: ReturnType<typeof retainingParts>) => {
      try {
        await retained({ ...parts, files }, { before: (noon + 560) as EpochMs })
        return true
      } catch (error) {
        if (error instanceof Crash) return false
        throw error
      }
    }
    const intact = (await trailOfSize(600)).disk
    const whole = new CrashingFiles(intact)
    assert.ok(await run(whole, retainingParts(whole)))
    assert.ok(whole.steps > 20)
    for (const ending of ['killed', 'power_cut'] satisfies Ending[]) {
      for (let step = 0; step < whole.steps; step += 1) {
        const first = new CrashingFiles(intact, step)
        const parts = retainingParts(first)
        await run(first, parts)
        const files = new CrashingFiles(first.survives(ending))
        assert.equal(await findingsOf(files), [], `${ending} at step ${step}`)
        // The gateway and the auditor go on too; the event is told once more if it was lost.
        const next = { ...retainingParts(files, parts.store) }
        assert.ok(await run(files, next))
        assert.equal(await findingsOf(files), [], `${ending} at step ${step}, then ended`)
        assert.is(readMinimumIndex(files, folder), readMinimumIndex(whole, folder))
        const left = [...files.disk.keys()].filter((path) => /\/tile\/(entries|0)\/000$/.test(path))
        assert.equal(
          left.filter((path) => path.startsWith(folder)),
          [],
        )
      }
    }
  },

  'whoever lets go without an event, or of more than it says, is found': async () => {
    const files = await trailOfSize(1_400)
    const remove = (of: CrashingFiles, upTo: number): void => {
      for (let at = 0; at < upTo / 256; at += 1) {
        for (const level of ['entries', '0']) of.disk.delete(`${folder}/tile/${level}/00${at}`)
      }
      of.disk.set(`${folder}/minimum`, Buffer.from(`${upTo}\n`))
    }
    const untold = new CrashingFiles(files.disk)
    remove(untold, 512)
    assert.ok(
      (await findingsOf(untold)).some(({ problem }) => problem.includes('no event says why')),
    )
    await retained(retainingParts(files), { before: (noon + 700) as EpochMs })
    assert.is(readMinimumIndex(files, folder), 512)
    const more = new CrashingFiles(files.disk)
    remove(more, 768)
    assert.ok((await findingsOf(more)).length > 0)
    const hidden = new CrashingFiles(files.disk)
    hidden.disk.delete(`${folder}/minimum`)
    assert.ok((await findingsOf(hidden)).length > 0)
  },

  'any bit of what stays that is changed is found': async () => {
    const files = await trailOfSize(1_400)
    await retained(retainingParts(files), { before: (noon + 700) as EpochMs })
    const paths = [...files.disk.keys()].filter(
      (path) => path.startsWith(folder) && !path.includes('.p/') && !path.endsWith('ids'),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat(), async (path, drawn) => {
        const changed = new CrashingFiles(files.disk)
        const bytes = Buffer.from(changed.read(path) ?? '')
        bytes[drawn % bytes.length] = (bytes[drawn % bytes.length] ?? 0) ^ (1 << (drawn % 8))
        changed.disk.set(path, bytes)
        assert.ok((await findingsOf(changed)).length > 0, `${path} at ${drawn % bytes.length}`)
      }),
      { numRuns: 120 },
    )
  },
})
