import { livesOf, treeFolder } from '../../../services/auditor/files/index.ts'
import { beginLife } from '../../../services/auditor/trees/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { Crash, CrashingFiles, type Ending } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  host,
  logId,
  recordsOf,
  rememberingSigner,
  ring,
} from '../../support/trail/drawn-trail.ts'

const other = '2'.repeat(32)
const begun = (files: CrashingFiles, log = logId, at = noon, signer = rememberingSigner()) =>
  beginLife({
    ...{ files, host, logId: log, partitions: 1, at, closed: null },
    ...{ signer, fleet: null, judge: () => null },
  })

const trail = async (size = 300) => {
  const files = new CrashingFiles()
  const { trees } = begun(files)
  await trees.add({ partition: 0, records: recordsOf(0, size), end: size }, atOnce)
  trees.seal((noon + 1_000) as EpochMs, noon)
  return files
}
const verified = async (files: CrashingFiles) =>
  (await verifyTrail({ files, known: ring.verifiers(host) })).findings

claims('a life of the trail begins', {
  'with a signed head, before the trail names it': () => {
    const files = new CrashingFiles()
    const { isNew, life } = begun(files)
    assert.is(isNew, true)
    assert.equal(livesOf(files), [life])
    assert.ok(files.read(`${treeFolder(life, 'heads')}/checkpoint`))
  },

  'once: without its heads, or its files, it is refused and nothing is signed': async () => {
    const whole = await trail()
    const heads = treeFolder(logId, 'heads')
    for (const isGone of [
      (path: string) => path.startsWith(`${heads}/`),
      (path: string) => path === `${heads}/checkpoint`,
      (path: string) => path.startsWith(`${logId}/`),
      (path: string) => path.endsWith('/checkpoint'),
      (path: string) => path === 'lives' || path.startsWith(`${heads}/`),
    ]) {
      const files = new CrashingFiles(whole.disk)
      for (const path of [...files.disk.keys()]) if (isGone(path)) files.disk.delete(path)
      const signer = rememberingSigner()
      assert.throws(() => begun(files, logId, noon, signer), /is gone/)
      assert.equal(signer.signed, [])
    }
  },

  'after an end at any step, and the trail is whole': async () => {
    const before = await trail(20)
    const steps = new CrashingFiles(before.disk)
    begun(steps, other)
    assert.ok(steps.steps > 5)
    for (const ending of ['killed', 'power_cut'] as const satisfies readonly Ending[]) {
      for (let step = 0; step < steps.steps; step += 1) {
        const first = new CrashingFiles(before.disk, step)
        assert.throws(
          () => begun(first, other),
          (error: Error) => error instanceof Crash,
        )
        const second = new CrashingFiles(first.survives(ending))
        const { life, trees } = begun(second, other, (noon + 5_000) as EpochMs)
        assert.equal(livesOf(second), [logId, life], `${ending} at ${step}`)
        await trees.add({ partition: 0, records: recordsOf(0, 3), end: 3 }, atOnce)
        trees.seal((noon + 6_000) as EpochMs, noon)
        assert.equal(await verified(second), [], `${ending} at ${step}`)
      }
    }
  },

  'under another name when the log goes back to a former one': async () => {
    const files = await trail(20)
    begun(files, other)
    const { life } = begun(files)
    assert.equal(livesOf(files), [logId, other, `${logId}-2`])
    assert.is(life, `${logId}-2`)
    assert.equal(await verified(files), [])
  },
})
