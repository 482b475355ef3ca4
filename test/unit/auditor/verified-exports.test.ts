import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { formatNames } from '../../../services/auditor/export-formats/index.ts'
import { indexPath, verifyExport } from '../../../services/auditor/exports/index.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { exported, exportPath, verifiers, withTrail } from '../../support/trail/exported-trail.ts'

const findingsIn = async (dir: string): Promise<readonly string[]> =>
  (await verifyExport(exportPath(dir), verifiers)).findings

/** The export with other bytes, and an index that says that these are its own. */
const disguised = async (dir: string, bytes: Buffer): Promise<readonly string[]> => {
  const path = exportPath(dir)
  const before = [readFileSync(path), readFileSync(indexPath(path))] as const
  writeFileSync(path, bytes)
  const first = await findingsIn(dir)
  const sha256 = /SHA-256 ([0-9a-f]{64})/.exec(first.join('\n'))?.[1]
  const index = JSON.parse(before[1].toString('utf8')) as object
  writeFileSync(indexPath(path), JSON.stringify({ ...index, bytes: bytes.length, sha256 }))
  const found = await findingsIn(dir)
  writeFileSync(path, before[0])
  writeFileSync(indexPath(path), before[1])
  assert.ok(first.length > 0)
  return found
}

claims('an export is verified from its file', {
  'an export that was changed is found, also when its index was changed with it': () =>
    withTrail(async (files, dir) => {
      await exported({ files, dir })
      const lines = readFileSync(exportPath(dir), 'utf8').split('\n').slice(0, -1)
      const line = (at: number): string => lines[at] ?? ''
      const changes: Readonly<Record<string, readonly string[]>> = {
        changed: lines.with(10, line(10).replace('logout', 'LOGOUT')),
        dropped: lines.toSpliced(10, 1),
        'dropped last': lines.slice(0, -1),
        swapped: lines.with(10, line(11)).with(11, line(10)),
        inserted: lines.toSpliced(10, 0, line(10)),
        appended: [...lines, line(0)],
        'no event': lines.with(10, 'nonsense'),
        'of another partition': lines.with(699, line(700)),
      }
      for (const [name, changed] of Object.entries(changes)) {
        const found = await disguised(dir, Buffer.from(changed.map((one) => `${one}\n`).join('')))
        assert.ok(found.length > 0, name)
      }
      const cut = Buffer.from(lines.join('\n'))
      assert.ok((await disguised(dir, cut)).includes('the last line has no end'))
      assert.equal(await findingsIn(dir), [])
    }),

  'an index that was changed is found': () =>
    withTrail(async (files, dir) => {
      await exported({ files, dir })
      const path = indexPath(exportPath(dir))
      const text = readFileSync(path, 'utf8')
      for (const [from, to] of [
        ['"size": 700', '"size": 699'],
        ['"events": 1000', '"events": 999'],
        ['"TokenRevoked": 1000', '"TokenRevoked": 999'],
        ['"bytes": ', '"bytes": 1'],
        [/"sha256": "../, '"sha256": "00'],
        [/700\\n..../, '700\\nAAAA'],
        [/"partition": 1/, '"partition": 2'],
        [/"first": 0/, '"first": 1'],
        [/"filter": {/, '"filter": { "kind": ["TokenIssued"]'],
      ] as const) {
        writeFileSync(path, text.replace(from, to))
        assert.ok((await findingsIn(dir)).length > 0, String(from))
      }
      writeFileSync(path, text)
      assert.equal(await findingsIn(dir), [])
    }),

  'of any format and filter, the trail that it is from tells whether it was changed': () =>
    withTrail(async (files, dir) => {
      for (const format of formatNames) {
        const filter = { until: noon + 100 }
        await exported({ files, dir, format, filter })
        const path = exportPath(dir, format)
        const before = readFileSync(path)
        const text = readFileSync(indexPath(path), 'utf8')
        const verified = () => verifyExport(path, verifiers, files)
        assert.equal((await verified()).findings, [], format)
        assert.ok((await verified()).isProven)
        const changed = Buffer.from(before)
        changed.set(Buffer.from('LOGOUT'), changed.indexOf('logout'))
        const sha256 = createHash('sha256').update(changed).digest('hex')
        writeFileSync(path, changed)
        writeFileSync(indexPath(path), text.replace(/(?<="sha256": ")[0-9a-f]+/, sha256))
        assert.equal((await verifyExport(path, verifiers)).findings, [], format)
        assert.equal((await verified()).findings, ['the trail gives other bytes for this index'])
      }
    }),
})
