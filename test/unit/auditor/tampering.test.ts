import fc from 'fast-check'
import { addLife, treeFolder } from '../../../services/auditor/files/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import { type Finding, verifyTrail } from '../../../services/auditor/verification/index.ts'
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { encodeEntry, entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { leafHash } from '../../../shared/tlog/merkle-hash.ts'
import { tilePath } from '../../../shared/tlog/tile-path.ts'
import { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { host, logId, recordAt, recordsOf, ring, trailOf } from '../../support/trail/drawn-trail.ts'

const folder = treeFolder(logId, 0)
const size = 700

const intact = await (async () => {
  const files = new CrashingFiles()
  addLife(files, logId)
  await trailOf(files, [...recordsOf(0, size), ...recordsOf(0, 30, 1)], { partitions: 2 })
  return files.disk
})()

const findingsOf = async (files: CrashingFiles): Promise<readonly Finding[]> =>
  (await verifyTrail({ files, known: ring.verifiers(host) })).findings

/** The trail with one file changed; `null` removes it. */
const tampered = (path: string, change: (bytes: Buffer) => Buffer | null): CrashingFiles => {
  const files = new CrashingFiles(intact)
  const before = files.read(path)
  assert.ok(before, path)
  const after = change(Buffer.from(before))
  if (after === null) files.disk.delete(path)
  else files.disk.set(path, after)
  return files
}

const names = (findings: readonly Finding[], path: string): boolean =>
  findings.some((finding) => `${finding.log}/${finding.path}` === path)

const files = [...intact.keys()].filter(
  (path) => path.includes('/tile/') || path.endsWith('checkpoint'),
)
/** Of those of older checkpoints test/unit/auditor/compare-leftovers.test.ts tells. */
const current = files.filter((path) => !path.includes('.p/') || isNewest(path))
function isNewest(path: string): boolean {
  const [log = '', width = ''] = path.split('.p/')
  const others = files.filter((other) => other.startsWith(`${log}.p/`))
  return others.every((other) => Number(other.split('.p/')[1]) <= Number(width))
}

type Change = Readonly<{ kind: string; change: (bytes: Buffer, drawn: number) => Buffer | null }>
const changes: readonly Change[] = [
  {
    kind: 'a flipped bit',
    change: (bytes, drawn) => {
      const at = drawn % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (drawn % 8))
      return bytes
    },
  },
  { kind: 'the file removed', change: () => null },
  { kind: 'cut off', change: (bytes, drawn) => bytes.subarray(0, drawn % bytes.length) },
  {
    kind: 'bytes inserted',
    change: (bytes, drawn) => {
      const at = drawn % bytes.length
      return Buffer.concat([bytes.subarray(0, at), Buffer.from('x'), bytes.subarray(at)])
    },
  },
]

const bundle = `${folder}/tile/entries/001`
/** The entries 256 to 511, changed as entries and not as bytes. */
const changedBundle = (change: (entries: Buffer[]) => Buffer[]): CrashingFiles =>
  tampered(bundle, (bytes) =>
    Buffer.concat(change([...(entriesIn(bytes) ?? [])]).map((entry) => encodeEntry(entry))),
  )

claims('who changes a trail', {
  'an intact one has no findings': async () => {
    assert.equal(await findingsOf(new CrashingFiles(intact)), [])
  },

  'any kind of change in any file is found, and the file is named': async () => {
    assert.ok(current.length > 10, `${current.length} files`)
    for (const path of current) {
      for (const { kind, change } of changes) {
        for (const drawn of [3, 1_009, 65_521]) {
          const findings = await findingsOf(tampered(path, (bytes) => change(bytes, drawn)))
          assert.ok(names(findings, path), `${kind} in ${path}: ${JSON.stringify(findings[0])}`)
        }
      }
    }
  },

  'a drawn change in a drawn file is found': () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat(current.length - 1),
        fc.constantFrom(...changes),
        fc.nat(),
        async (at, { kind, change }, drawn) => {
          const path = current[at] ?? ''
          const findings = await findingsOf(tampered(path, (bytes) => change(bytes, drawn)))
          assert.ok(findings.length > 0, `${kind} in ${path}`)
        },
      ),
      { numRuns: 150 },
    ),

  'a leaf that was changed, dropped, inserted, swapped or moved is named by its index':
    async () => {
      const other = leafOf(logId, { ...recordAt(300), key: 'somebody else' }).bytes
      const cases: readonly (readonly [string, CrashingFiles, number])[] = [
        ['changed', changedBundle((all) => all.with(44, other)), 300],
        ['dropped', changedBundle((all) => all.toSpliced(44, 1)), 300],
        ['inserted', changedBundle((all) => all.toSpliced(44, 0, other)), 301],
        ['swapped', changedBundle((all) => swapped(all, 44, 45)), 300],
        ['twice', changedBundle((all) => all.with(45, all[44] ?? other)), 301],
      ]
      for (const [kind, changed, index] of cases) {
        const findings = await findingsOf(changed)
        const first = Math.min(
          ...findings.flatMap((one) =>
            one.log === folder && one.index !== null ? [one.index] : [],
          ),
        )
        assert.ok(
          findings.some((one) => one.index === index),
          `${kind}: ${index} is not named`,
        )
        assert.ok(first >= 256, `${kind}: ${first} is named`)
      }
    },

  'whoever changes a leaf and every tile above it is found by the heads, in a narrow range':
    async () => {
      const records = recordsOf(0, size).with(300, { ...recordAt(300), key: 'somebody else' })
      const rewritten = new CrashingFiles(intact)
      rewrite(
        rewritten,
        records.map((record) => leafOf(logId, record).bytes),
      )
      const findings = await findingsOf(rewritten)
      const narrow = findings.find((one) => one.log === folder && one.index !== null)
      assert.is(narrow?.index, 300)
      assert.match(narrow?.problem ?? '', 'of 399 at most')
    },

  'even with the key: what the heads name is not what the partition says': async () => {
    const records = recordsOf(0, size).with(300, { ...recordAt(300), key: 'somebody else' })
    const rewritten = new CrashingFiles(intact)
    const root = rewrite(
      rewritten,
      records.map((record) => leafOf(logId, record).bytes),
    )
    const origin = `${host}/${logId}/0`
    const note = formatCheckpoint({ origin, size, root }, (text) =>
      ring.sign(text, host, 0 as never),
    )
    rewritten.disk.set(`${folder}/checkpoint`, note)
    const findings = await findingsOf(rewritten)
    assert.ok(findings.some((one) => one.log === folder && one.index === 300))
  },

  'a log that was put back to an earlier checkpoint is found by the heads': async () => {
    const before = new CrashingFiles()
    await trailOf(before, [...recordsOf(0, 400), ...recordsOf(0, 30, 1)], { partitions: 2 })
    const putBack = new CrashingFiles(intact)
    for (const path of [...putBack.disk.keys()]) {
      if (path.startsWith(`${folder}/`)) putBack.disk.delete(path)
    }
    for (const [path, bytes] of before.disk) {
      if (path.startsWith(`${folder}/`)) putBack.disk.set(path, bytes)
    }
    const findings = await findingsOf(putBack)
    assert.ok(
      findings.some(({ log, problem }) => log === folder && problem.includes('ends at 400')),
    )
  },

  'a partition that is gone as a whole is missed': async () => {
    const gone = new CrashingFiles(intact)
    for (const path of [...gone.disk.keys()]) {
      if (path.startsWith(`${treeFolder(logId, 1)}/`)) gone.disk.delete(path)
    }
    assert.ok(names(await findingsOf(gone), `${treeFolder(logId, 1)}/checkpoint`))
  },

  'a stranger’s key, or none, is no signature': async () => {
    const { AuditKeyRing } = await import('../../../services/auditor/keys/index.ts')
    const known = AuditKeyRing.made().verifiers(host)
    const { findings } = await verifyTrail({ files: new CrashingFiles(intact), known })
    assert.ok(names(findings, `${folder}/checkpoint`))
    const empty = await verifyTrail({ files: new CrashingFiles(), known })
    assert.is(empty.count, 1)
  },
})

const swapped = (all: Buffer[], one: number, other: number): Buffer[] => {
  const [first, second] = [all[one], all[other]]
  return first && second ? all.with(one, second).with(other, first) : all
}

/** Every file anew, as somebody does who knows the formats; the checkpoint stays. */
const rewrite = ({ disk }: CrashingFiles, entries: readonly Buffer[]): Buffer => {
  const builder = new TreeBuilder()
  for (const entry of entries) {
    for (const { place, bytes } of builder.add(leafHash(entry))) {
      disk.set(`${folder}/${tilePath(place)}`, bytes)
    }
  }
  for (const { place, bytes } of builder.partial()) {
    disk.set(`${folder}/${tilePath(place)}`, bytes)
  }
  for (let first = 0; first < entries.length; first += 256) {
    const some = entries.slice(first, first + 256)
    const place = { level: 'entries', index: first / 256, width: some.length } as const
    disk.set(`${folder}/${tilePath(place)}`, Buffer.concat(some.map(encodeEntry)))
  }
  return builder.head().root
}
