import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  type ExportedLeaf,
  eventTable,
  exportFormats,
  type FormatName,
  flatColumns,
} from '../../../services/auditor/export-formats/index.ts'
import { addLife } from '../../../services/auditor/files/index.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import {
  drawnLeaf,
  exampleLeaves,
  hostileLeaves,
  sealedLeaves,
} from '../../support/trail/drawn-leaves.ts'
import { logId, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import { exportOracles } from '../../support/trail/export-oracles.ts'
import { exported, exportPath, hastyClock } from '../../support/trail/exported-trail.ts'

const written = async (format: FormatName, leaves: readonly ExportedLeaf[]): Promise<Buffer> => {
  const encoder = await exportFormats[format].open('9.9.9', null)
  return Buffer.concat([encoder.begin(), ...leaves.map((leaf) => encoder.add(leaf)), encoder.end()])
}

const cellsOf = (leaf: ExportedLeaf): unknown[] => flatColumns.map(({ of }) => of(leaf))

claims('what tools of others read in exports', {
  'OCSF’s own schemas accept each type of event, and what a stranger writes into one': async () => {
    const oracles = await exportOracles('exports as OCSF against its schemas')
    if (oracles === null) return
    const classes = new Set(
      Object.values(eventTable).flatMap((rows) => rows.map((row) => row.class)),
    )
    const validators = await oracles.ocsf([...classes])
    const met = new Set<number>()
    const check = async (leaf: ExportedLeaf): Promise<void> => {
      const event: unknown = JSON.parse((await written('ocsf', [leaf])).toString('utf8'))
      const { class_uid: uid } = event as { class_uid: number }
      const validate = validators.get(uid)
      assert.ok(validate?.(event), JSON.stringify([validate?.errors, event]))
      met.add(uid)
    }
    for (const leaf of [...exampleLeaves, ...sealedLeaves, ...hostileLeaves]) await check(leaf)
    await fc.assert(fc.asyncProperty(drawnLeaf, check), { numRuns: 300 })
    assert.equal(met, classes)
    // The schemas refuse what is none: a validator that accepts all would prove nothing.
    assert.not.ok(validators.get(3002)?.({ class_uid: 3002 }))
  },

  'DuckDB reads each column and row of Parquet as it was': async () => {
    const oracles = await exportOracles('exports as Parquet, read by DuckDB')
    if (oracles === null) return
    await inTempFolder('parquet', async (dir) => {
      const path = join(dir, 'drawn.parquet')
      const leaves = [...exampleLeaves, ...hostileLeaves, ...fc.sample(drawnLeaf, 200)]
      writeFileSync(path, await written('parquet', leaves))
      const { columns, rows } = await oracles.parquet(path)
      assert.equal(
        columns,
        flatColumns.map(({ name, form }) => [name, form === 'text' ? 'VARCHAR' : 'BIGINT']),
      )
      assert.equal(rows, leaves.map(cellsOf))
    })
  },

  'Parquet of many groups of rows that was stopped and went on is whole': async () => {
    const oracles = await exportOracles('an export as Parquet that was stopped, read by DuckDB')
    if (oracles === null) return
    await inTempFolder('parquet', async (dir) => {
      const files = new CrashingFiles()
      addLife(files, logId)
      await trailOf(files, recordsOf(0, 45_000), { batch: 45_000 })
      const stops = new Set<number>()
      const stopsAt = ({ done, total }: { done: number; total: number }): boolean => {
        const part = Math.floor((done * 4) / total)
        const isNew = done < total && !stops.has(part)
        stops.add(part)
        return isNew
      }
      let resumed = 0
      const onProgress = (progress: { resumed: number }): void => {
        resumed = Math.max(resumed, progress.resumed)
      }
      // It saves where it stands after each group of 20,000 rows.
      const going = { files, dir, format: 'parquet', stopsAt, onProgress } as const
      while ((await exported({ ...going, clock: hastyClock(3_000) })) === null);
      assert.is(stops.size, 5)
      assert.is(resumed, 20_000)
      const { rows } = await oracles.parquet(exportPath(dir, 'parquet'))
      const at = flatColumns.findIndex(({ name }) => name === 'index')
      assert.equal(
        rows.map((row) => row[at]),
        Array.from({ length: 45_000 }, (_, index) => index),
      )
    })
  },
})
