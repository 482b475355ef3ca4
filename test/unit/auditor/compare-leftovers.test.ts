import { addLife, treeFolder } from '../../../services/auditor/files/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { host, logId, recordsOf, ring, trailOf } from '../../support/trail/drawn-trail.ts'

const folder = treeFolder(logId, 0)
const size = 700

/** What is found where `bytes` of it lie at `path`, beside what was signed. */
const pathsFound = async (disk: CrashingFiles['disk'], path: string, bytes: Buffer) => {
  const files = new CrashingFiles(disk)
  files.disk.set(path, bytes)
  const { findings } = await verifyTrail({ files, known: ring.verifiers(host) })
  return findings.map((finding) => `${finding.log}/${finding.path}`)
}

const places = [
  ['tile/entries/001', 'tile/entries/001.p/200'],
  ['tile/0/001', 'tile/0/001.p/200'],
  ['tile/1/000.p/2', 'tile/1/000.p/1'],
  ['tile/0/002.p/188', 'tile/0/002.p/200'],
  ['tile/entries/002.p/188', 'tile/entries/002.p/9'],
] as const

claims('partial files of older checkpoints', {
  'are compared with what was signed, as far as a crash may have written them': async () => {
    const files = new CrashingFiles()
    addLife(files, logId)
    await trailOf(files, recordsOf(0, size), { partitions: 1 })
    const { disk } = files
    for (const [signed, left] of places) {
      const bytes = disk.get(`${folder}/${signed}`)
      assert.ok(bytes, signed)
      const path = `${folder}/${left}`
      const half = bytes.subarray(0, Math.floor(bytes.length / 2))
      for (const harmless of [half, Buffer.alloc(0), Buffer.concat([bytes, Buffer.from('x')])]) {
        assert.equal(await pathsFound(disk, path, harmless), [], left)
      }
      for (const at of [0, 17, half.length - 1]) {
        const changed = Buffer.from(half)
        changed[at] = (changed[at] ?? 0) ^ 4
        assert.equal(await pathsFound(disk, path, changed), [path], left)
      }
    }
  },
})
