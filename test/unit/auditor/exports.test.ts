import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { formatNames } from '../../../services/auditor/export-formats/index.ts'
import { type Progress, verifyExport } from '../../../services/auditor/exports/index.ts'
import type { TrailFiles } from '../../../services/auditor/files/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordsOf, trailOf } from '../../support/trail/drawn-trail.ts'
import {
  bothFiles,
  exported,
  exportPath,
  hastyClock,
  records,
  verifiers,
  withTrail,
} from '../../support/trail/exported-trail.ts'

/** As when the disk, or the process, ends after so many bundles of events. */
const endingFiles = (files: TrailFiles, bundles: number): TrailFiles => {
  let left = bundles
  const read = (path: string): Buffer | null => {
    if (!/\/\d+\/tile\/entries\//.test(path)) return files.read(path)
    if (left === 0) throw new Error('the disk is gone')
    left -= 1
    return files.read(path)
  }
  return { ...files, names: (folder) => files.names(folder), read } as TrailFiles
}

const refusal = async (work: () => unknown): Promise<string> => {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was refused'
}

claims('exports of the trail', {
  'all of it is every leaf in the order of its log, and verifies by itself': () =>
    withTrail(async (files, dir) => {
      const index = await exported({ files, dir })
      const lines = readFileSync(exportPath(dir), 'utf8').split('\n')
      assert.equal(lines, [
        ...records.map((record) => leafOf(logId, record).bytes.toString('utf8')),
        '',
      ])
      assert.equal(index?.kinds, { TokenRevoked: 1_000 })
      assert.equal(
        index?.logs.map(({ partition, events, first, last }) => [partition, events, first, last]),
        [
          [0, 700, 0, 699],
          [1, 300, 0, 299],
        ],
      )
      const { isProven, findings } = await verifyExport(exportPath(dir), verifiers)
      assert.equal({ isProven, findings }, { isProven: true, findings: [] })
      assert.equal(readdirSync(dir).sort(), ['trail.cloudevents', 'trail.cloudevents.index.json'])
    }),

  'one that was stopped anywhere goes on, and is the same byte for byte': () =>
    withTrail(async (files, dir) => {
      for (const format of formatNames) {
        await inTempFolder('stopped', async (other) => {
          await exported({ files, dir, format })
          const stops: number[] = []
          const stopsAt = ({ done, total }: Progress): boolean => {
            if (stops.includes(done) || done === total) return false
            stops.push(done)
            return true
          }
          let runs = 0
          while ((await exported({ files, dir: other, format, stopsAt })) === null) {
            runs += 1
            assert.not.ok(existsSync(exportPath(other, format)))
          }
          assert.equal(stops, [256, 512, 768], format)
          assert.is(runs, 3)
          assert.equal(bothFiles(other, format), bothFiles(dir, format), format)
        })
      }
    }),

  'one that was cut off without a word goes on from what it saved': () =>
    withTrail(async (files, dir) => {
      for (const format of formatNames) {
        await exported({ files, dir, format })
        for (const [everyMs, bundles] of [
          [1, 1],
          [9, 2],
          [97, 3],
          [500, 4],
        ] as const) {
          await inTempFolder('cut', async (other) => {
            const cut = { dir: other, format, clock: hastyClock(everyMs) }
            const ending = endingFiles(files, bundles)
            assert.is(await refusal(() => exported({ ...cut, files: ending })), 'the disk is gone')
            let resumed = 0
            const onProgress = (progress: { resumed: number }): void => {
              resumed = progress.resumed
            }
            await exported({ files, dir: other, format, onProgress })
            assert.equal(bothFiles(other, format), bothFiles(dir, format), `${format} ${everyMs}`)
            // Of Parquet nothing is whole before its first 20,000 rows.
            if (everyMs >= 97 && format !== 'parquet') assert.ok(resumed > 0, format)
          })
        }
      }
    }),

  'what an earlier run was to do is not mixed with something else': () =>
    withTrail(async (files, dir) => {
      const stopped = { files, dir, stopsAt: () => true }
      assert.is(await exported(stopped), null)
      const others = { ...stopped, filter: { kind: ['TokenIssued'] } }
      assert.match(await refusal(() => exported(others)), 'was begun in another way')
      const part = `${exportPath(dir)}.part`
      writeFileSync(part, readFileSync(part, 'utf8').replace('logout', 'LOGOUT'))
      assert.match(await refusal(() => exported({ files, dir })), 'is not as it was left')
      await inTempFolder('there', async (other) => {
        await exported({ files, dir: other })
        assert.match(await refusal(() => exported({ files, dir: other })), 'is there already')
      })
    }),

  'a trail that was changed is not exported': () =>
    withTrail(async (files, dir) => {
      for (const at of ['000', '001', '002.p/188']) {
        const path = `${logId}/0/tile/entries/${at}`
        const bytes = files.disk.get(path)
        assert.ok(bytes)
        const changed = Buffer.from(bytes)
        changed.set(Buffer.from('LOGOUT'), changed.lastIndexOf('logout'))
        files.disk.set(path, changed)
        assert.match(await refusal(() => exported({ files, dir })), 'does not lead to its signed')
        files.disk.set(path, bytes)
      }
      files.disk.delete(`${logId}/1/tile/entries/000`)
      assert.match(await refusal(() => exported({ files, dir })), 'leaf 0 and those behind it')
    }),

  'events are chosen by what they say of themselves': () =>
    withTrail(async (files, dir) => {
      const session = `5e55${'42'.padStart(28, '0')}`
      const asked = [
        [{ since: noon + 100, until: noon + 110 }, 20],
        [{ session }, 2],
        [{ session, until: noon as EpochMs }, 0],
        [{ kind: ['TokenRevoked', 'TokenIssued'] }, 1_000],
        [{ kind: ['TokenIssued'] }, 0],
        [{ user: 'nobody' }, 0],
      ] as const
      for (const [filter, count] of asked) {
        await inTempFolder('chosen', async (other) => {
          const given = 'kind' in filter ? { kind: [...filter.kind] } : filter
          const index = await exported({ files, dir: other, filter: given })
          assert.is(index?.events, count)
          const { isProven, findings } = await verifyExport(exportPath(other), verifiers)
          assert.equal({ isProven, findings }, { isProven: false, findings: [] })
        })
      }
      assert.equal(readdirSync(dir), [])
    }),

  'a folder without a trail is no empty export': () =>
    inTempFolder('none', async (dir) => {
      const files = new CrashingFiles()
      assert.match(await refusal(() => exported({ files, dir })), 'there is no signed log')
      assert.equal(readdirSync(dir), [])
    }),

  'while the auditor goes on, an export ends where it was signed when it began': () =>
    withTrail(async (files, dir) => {
      let grown: Promise<unknown> | null = null
      const onProgress = (): void => {
        grown ??= trailOf(files, [...records, ...recordsOf(700, 1_900)], { partitions: 2 })
      }
      const index = await exported({ files, dir, onProgress })
      await grown
      assert.is(index?.events, 1_000)
      assert.equal((await verifyExport(exportPath(dir), verifiers)).findings, [])
    }),
})
