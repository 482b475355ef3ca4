import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { type FormatName, formatNames } from '../../../services/auditor/export-formats/index.ts'
import { type EventFilter, verifyExport } from '../../../services/auditor/exports/index.ts'
import { addLife, type TrailFiles } from '../../../services/auditor/files/index.ts'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import { noon, source } from '../../support/fakes/builders.ts'
import { Dice } from '../../support/fakes/dice.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { logId, recordAt, trailOf } from '../../support/trail/drawn-trail.ts'
import {
  bothFiles,
  exported,
  exportPath,
  hastyClock,
  verifiers,
} from '../../support/trail/exported-trail.ts'

/** Of every type, some of two texts that formats escape. */
const mixedRecord = (offset: number, partition: number, dice: Dice): RawRecord => {
  const event = upcast(dice.pick(eventExamples).stored)
  const data: Record<string, unknown> = { ...event.data }
  if ('agent' in data) data['agent'] = dice.pick(['a, "b"; =c|d\\e\r\nf', 'Grüße 😀', 'x'])
  const told = { ...event, data } as typeof event
  const id = `x/${partition}-${offset}:0:0` as EventId
  const record = encodeEvent(source, { id, at: (noon + offset) as EpochMs, event: told })
  const { key, headers, value } = record
  return { topic: 'auth.events', partition, offset, key, headers, value }
}

/** So large that 600 of them are more than a group of rows of Parquet. */
const largeRecord = (offset: number): RawRecord => {
  const record = recordAt(offset)
  const data = { ...JSON.parse(String(record.value)), agent: String(offset % 10).repeat(60_000) }
  return { ...record, value: JSON.stringify(data) }
}

const trailWith = async (records: readonly RawRecord[], partitions = 1): Promise<CrashingFiles> => {
  const files = new CrashingFiles()
  addLife(files, logId)
  await trailOf(files, records, { partitions })
  return files
}

class Killed extends Error {}

/** As when the process ends after so many files of the trail were read. */
const endingFiles = (files: TrailFiles, reads: number): TrailFiles => {
  let left = reads
  const read = (path: string): Buffer | null => {
    if (left === 0) throw new Killed('killed')
    left -= 1
    return files.read(path)
  }
  return { ...files, names: (folder) => files.names(folder), read } as TrailFiles
}

/** What the system had not written yet is gone, or half of it is there. */
const tornPart = (dir: string, format: FormatName, dice: Dice): void => {
  const part = `${exportPath(dir, format)}.part`
  if (!existsSync(part) || !existsSync(`${part}.json`)) return
  const { bytes } = JSON.parse(readFileSync(`${part}.json`, 'utf8')).written
  const { length } = readFileSync(part)
  if (dice.chance(50)) truncateSync(part, bytes + dice.below(length - bytes + 1))
  else writeFileSync(part, 'half a li', { flag: 'a' })
}

type Run = Readonly<{
  files: TrailFiles
  dir: string
  format: FormatName
  filter: EventFilter
}>

/** Killed or stopped at drawn places, and begun again, until it is whole; how far it went on. */
const interrupted = async (run: Run, dice: Dice, readsMax: number): Promise<number> => {
  const { files, dir, format } = run
  let farthest = 0
  const onProgress = ({ resumed }: Readonly<{ resumed: number }>): void => {
    farthest = Math.max(farthest, resumed)
  }
  for (let ends = 2 + dice.below(4); ends > 0; ends -= 1) {
    const stopAt = dice.chance(30) ? dice.below(4) * 256 : Number.POSITIVE_INFINITY
    const clock = hastyClock(dice.pick([3, 40, 400, 3_000]))
    const ending = endingFiles(files, 5 + dice.below(readsMax))
    const stopsAt = ({ done }: Readonly<{ done: number }>): boolean => done >= stopAt
    try {
      if (await exported({ ...run, files: ending, clock, stopsAt, onProgress })) return farthest
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
    tornPart(dir, format, dice)
  }
  await exported({ ...run, onProgress })
  return farthest
}

claims('an export that is killed and goes on', {
  'has the bytes and the index of one that was not, in each format and with any filter':
    async () => {
      const dice = new Dice('interrupted')
      const records = [0, 1].flatMap((partition) =>
        Array.from({ length: 900 }, (_, offset) => mixedRecord(offset, partition, dice)),
      )
      const files = await trailWith(records, 2)
      const filters: readonly EventFilter[] = [
        {},
        { since: noon + 200, until: noon + 700 },
        { kind: ['TokenIssued', 'LoginFailed'] },
      ]
      const farthest = new Map<FormatName, number>()
      for (const format of formatNames) {
        for (const filter of filters) {
          await inTempFolder('whole', async (dir) => {
            const run = { files, dir, format, filter }
            await exported(run)
            await inTempFolder('parts', async (other) => {
              const far = await interrupted({ ...run, dir: other }, dice, 30)
              farthest.set(format, Math.max(far, farthest.get(format) ?? 0))
              assert.equal(bothFiles(other, format), bothFiles(dir, format), format)
              const { findings } = await verifyExport(exportPath(other, format), verifiers, files)
              assert.equal(findings, [], format)
            })
          })
        }
      }
      // Of Parquet nothing of so few rows is whole before the end.
      const wentOn = formatNames.filter((format) => (farthest.get(format) ?? 0) > 0)
      assert.ok(wentOn.length >= 4, wentOn.join())
    },

  'goes on in Parquet behind the last group of rows that was whole': async () => {
    const dice = new Dice('groups')
    const files = await trailWith(Array.from({ length: 1_000 }, (_, at) => largeRecord(at)))
    await inTempFolder('whole', async (dir) => {
      const run = { files, dir, format: 'parquet', filter: {} } as const
      await exported(run)
      let farthest = 0
      for (let turn = 0; turn < 3; turn += 1) {
        await inTempFolder('parts', async (other) => {
          farthest = Math.max(farthest, await interrupted({ ...run, dir: other }, dice, 14))
          assert.equal(bothFiles(other, 'parquet'), bothFiles(dir, 'parquet'))
        })
      }
      assert.ok(farthest > 500, `went on at ${farthest}`)
    })
  },
})
