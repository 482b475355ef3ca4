import fc from 'fast-check'
import { originOf, treeFolder } from '../../../services/auditor/files/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { Crash, CrashingFiles, type Ending } from '../../support/trail/crashing-files.ts'
import {
  atOnce,
  host,
  logId,
  openLife,
  recordsOf,
  rememberingSigner,
  ring,
  type SignedText,
} from '../../support/trail/drawn-trail.ts'
import { definedRoot } from '../../support/trail/drawn-trees.ts'

/** Beyond the border of one tile; what is cheap is tried over two. */
const total = 300
const records = recordsOf(0, 600)
const entries = records.map((record) => leafOf(logId, record).bytes)
const rootOf = (() => {
  const known = new Map<number, string>()
  return (size: number): string => {
    const root = known.get(size) ?? definedRoot(entries.slice(0, size)).toString('base64')
    known.set(size, root)
    return root
  }
})()
const origin = originOf(host, logId, 0)
const folder = treeFolder(logId, 0)

type Pass = Readonly<{
  files: CrashingFiles
  signed: SignedText[]
  batch: number
  total?: number
}>

/** One process: it goes on with what is there, to the end of the records or of itself. */
const runOnce = async ({
  files,
  signed,
  batch,
  total: end = total,
}: Pass): Promise<'done' | 'crashed'> => {
  try {
    const life = openLife({ files, signer: rememberingSigner(signed) })
    for (let from = life.sizes().get(0) ?? 0; from < end; from += batch) {
      const own = records.slice(from, Math.min(from + batch, end))
      const alarms = await life.add({ partition: 0, records: own, end }, atOnce)
      assert.equal(alarms, [])
      life.seal((noon + from) as EpochMs, noon)
    }
    return 'done'
  } catch (error) {
    if (error instanceof Crash) return 'crashed'
    throw error
  }
}

/** What a reader may have fetched is never unsaid: every signed root is that of the records. */
const holdsWhatWasSigned = (signed: readonly SignedText[]): void => {
  for (const { origin: of, size, root } of signed) {
    if (of === origin) assert.is(root, rootOf(size), `the root of ${size} leaves`)
  }
}

const survives = async (step: number, batch: number, ending: Ending): Promise<void> => {
  const signed: SignedText[] = []
  const first = new CrashingFiles(new Map(), step)
  const outcome = await runOnce({ files: first, signed, batch })
  const readable = first.survives('killed').get(`${folder}/checkpoint`)
  const second = new CrashingFiles(first.survives(ending))
  assert.is(await runOnce({ files: second, signed, batch }), 'done', `after step ${step}`)
  holdsWhatWasSigned(signed)
  const last = second.read(`${folder}/checkpoint`)
  assert.ok(last)
  const { checkpoint } = openCheckpoint(last, ring.verifiers(host))
  assert.equal(checkpoint.size, total)
  assert.is(checkpoint.root.toString('base64'), rootOf(total))
  // A process that was killed goes on from all that it had signed.
  if (ending === 'killed' && outcome === 'crashed' && readable) {
    const { size } = openCheckpoint(readable, ring.verifiers(host)).checkpoint
    const smaller = signed.filter((text, at) => {
      const before = signed.slice(0, at).filter((one) => one.origin === text.origin)
      return text.origin === origin && before.some((one) => one.size > text.size)
    })
    assert.equal(
      smaller.filter((text) => text.size < size),
      [],
    )
  }
}

claims('an auditor that ends anywhere', {
  'killed at every step of 300 records, it goes on and signs nothing else': async () => {
    const whole = new CrashingFiles()
    await runOnce({ files: whole, signed: [], batch: 45 })
    assert.ok(whole.steps > 50)
    for (let step = 0; step < whole.steps; step += 1) await survives(step, 45, 'killed')
  },

  'in a power cut at every step it goes on from what was durable': async () => {
    const whole = new CrashingFiles()
    await runOnce({ files: whole, signed: [], batch: 65 })
    for (let step = 0; step < whole.steps; step += 1) await survives(step, 65, 'power_cut')
  },

  'however large its batches are, and wherever the borders of tiles lie': () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(),
        fc.constantFrom<Ending>('killed', 'power_cut'),
        async (batch, drawn, ending) => {
          const whole = new CrashingFiles()
          await runOnce({ files: whole, signed: [], batch })
          await survives(drawn % whole.steps, batch, ending)
        },
      ),
      { numRuns: 60 },
    ),

  'partial files of old checkpoints are removed, and those of the newest are there': async () => {
    const files = new CrashingFiles()
    await runOnce({ files, signed: [], batch: 7, total: 600 })
    const partial = [...files.disk.keys()].filter(
      (path) => path.startsWith(`${folder}/tile`) && path.includes('.p/'),
    )
    assert.ok(partial.includes(`${folder}/tile/0/002.p/88`))
    assert.ok(partial.includes(`${folder}/tile/entries/002.p/88`))
    assert.ok(partial.includes(`${folder}/tile/1/000.p/2`))
    assert.ok(partial.length <= 5, partial.join(', '))
  },
})
