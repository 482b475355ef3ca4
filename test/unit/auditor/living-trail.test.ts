import { addLife, isTreeName, treeFolder } from '../../../services/auditor/files/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  host,
  logId,
  openLife,
  recordsOf,
  ring,
  trailOf,
} from '../../support/trail/drawn-trail.ts'

const known = ring.verifiers(host)

claims('a trail that others write or read meanwhile', {
  'two idle auditors on one folder never write over what the other one signed': () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    const lives = [openLife({ files }), openLife({ files })]
    let refused = 0
    // Past the border of a tile, which is written before the checkpoint is signed.
    for (let round = 0; round < 300; round += 1) {
      for (const at of [0, 1]) {
        try {
          lives[at]?.seal((noon + round * 61_000 + at * 30_000) as EpochMs, noon)
        } catch {
          refused += 1
          lives[at] = openLife({ files })
        }
      }
    }
    assert.ok(refused > 200, `${refused} refusals`)
  },

  'one that grows past tiles of every level while it is verified has no findings': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    const life = openLife({ files })
    let size = 0
    const grow = async (): Promise<void> => {
      if (size >= 2_400) return
      const records = recordsOf(size, size + 300)
      size += 300
      await life.add({ partition: 0, records, end: size }, atOnce)
      life.seal((noon + size * 1_000) as EpochMs, noon)
    }
    await grow()
    await grow()
    const { findings } = await verifyTrail({ files, known, breathe: grow })
    assert.equal(findings, [])
    assert.ok(size >= 1_500, `it grew to ${size}`)
  },

  'one whose first records are not signed yet has no findings': async () => {
    const files = new CrashingFiles()
    const life = openLife({ files })
    life.seal(noon, noon)
    addLife(files, logId)
    await life.add({ partition: 0, records: recordsOf(0, 300), end: 300 }, atOnce)
    const { findings } = await verifyTrail({ files, known })
    assert.equal(findings, [])
  },

  'a checkpoint of 2^53 leaves that nobody has is done with at once': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    await trailOf(files, recordsOf(0, 300))
    const folder = treeFolder(logId, 0)
    const text = { origin: `${host}/${logId}/0`, size: 2 ** 53 - 1, root: Buffer.alloc(32) }
    files.disk.set(
      `${folder}/checkpoint`,
      formatCheckpoint(text, (signed) => ring.sign(signed, host, noon)),
    )
    const { findings } = await verifyTrail({ files, known })
    assert.ok(findings.some(({ log, index }) => log === folder && index === 256))
    assert.ok(findings.length < 10, `${findings.length} findings`)
  },

  'a folder that is another writing of a partition is no partition': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    await trailOf(files, recordsOf(0, 30))
    files.disk.set(`${logId}/00/checkpoint`, Buffer.from('x'))
    files.disk.set(`${logId}/01/checkpoint`, Buffer.from('x'))
    const verified = await verifyTrail({ files, known })
    for (const name of ['00', '01', '0000', '1000000', '-1', '']) assert.not(isTreeName(name), name)
    for (const name of ['0', '1', '10', '999999', 'heads']) assert.ok(isTreeName(name), name)
    assert.is(verified.leaves, 30)
    assert.is(verified.count, 0)
  },
})
