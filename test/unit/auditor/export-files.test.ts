import { existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { indexPath, verifyExport } from '../../../services/auditor/exports/index.ts'
import { addLife } from '../../../services/auditor/files/index.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordAt, trailOf } from '../../support/trail/drawn-trail.ts'
import { exported, exportPath, verifiers, withTrail } from '../../support/trail/exported-trail.ts'

const refusal = async (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => 'nothing was refused',
    (error: Error) => error.message,
  )

const modeOf = (path: string): number => lstatSync(path).mode & 0o777

const typed = (offset: number, type: string): RawRecord => {
  const record = recordAt(offset)
  return { ...record, headers: { ...record.headers, ce_type: type } }
}

claims('the files of an export', {
  'are for their owner alone, whatever lay there before': () =>
    withTrail(async (files, dir) => {
      const [path, precious] = [exportPath(dir), join(dir, 'precious')]
      writeFileSync(precious, 'mine')
      symlinkSync(precious, `${path}.part`)
      symlinkSync(precious, `${path}.part.json.new`)
      symlinkSync(precious, `${indexPath(path)}.new`)
      await exported({ files, dir })
      assert.is(readFileSync(precious, 'utf8'), 'mine')
      for (const one of [path, indexPath(path)]) assert.is(modeOf(one), 0o600)
      await inTempFolder('readable', async (other) => {
        const part = `${exportPath(other)}.part`
        writeFileSync(part, 'of somebody', { mode: 0o644 })
        await exported({ files, dir: other })
        assert.is(modeOf(exportPath(other)), 0o600)
      })
    }),

  'are not gone on with through a link': () =>
    withTrail(async (files, dir) => {
      const part = `${exportPath(dir)}.part`
      assert.is(await exported({ files, dir, stopsAt: () => true }), null)
      const elsewhere = join(dir, 'elsewhere')
      writeFileSync(elsewhere, readFileSync(part))
      await inTempFolder('linked', async (other) => {
        const linked = `${exportPath(other)}.part`
        symlinkSync(elsewhere, linked)
        writeFileSync(`${linked}.json`, readFileSync(`${part}.json`))
        assert.match(await refusal(() => exported({ files, dir: other })), 'part is a link')
      })
    }),

  'do not take the place of an index that is there': () =>
    withTrail(async (files, dir) => {
      const path = indexPath(exportPath(dir))
      writeFileSync(path, 'mine')
      assert.match(await refusal(() => exported({ files, dir })), 'index.json is there already')
      assert.is(readFileSync(path, 'utf8'), 'mine')
      assert.not.ok(existsSync(`${exportPath(dir)}.part`))
    }),

  'are whole after a run that was cut off between its index and its name': () =>
    withTrail(async (files, dir) => {
      await exported({ files, dir })
      const [path, index] = [exportPath(dir), readFileSync(indexPath(exportPath(dir)))]
      await inTempFolder('between', async (other) => {
        writeFileSync(`${exportPath(other)}.part`, readFileSync(path))
        writeFileSync(indexPath(exportPath(other)), index)
        await exported({ files, dir: other })
        assert.equal(readFileSync(exportPath(other)), readFileSync(path))
      })
    }),

  'count events of any type, of names too that an object has by itself': () =>
    inTempFolder('types', async (dir) => {
      const types = ['curfew.__proto__', 'curfew.constructor', 'curfew.12', 'toString', 'a b', '']
      const files = new CrashingFiles()
      addLife(files, logId)
      await trailOf(files, [...types.map((type, at) => typed(at, type)), recordAt(types.length)])
      await exported({ files, dir })
      const { findings, index } = await verifyExport(exportPath(dir), verifiers)
      assert.equal(findings, [])
      assert.equal(Object.keys(index.kinds).includes('__proto__'), true)
    }),
})
