import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entryAt, openTrailFiles, treeFolder } from '../../../services/auditor/files/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import { TrailWorkerHost } from '../../../services/auditor/thread/index.ts'
import { type RawRecord, textOf } from '../../../shared/events/log-record.ts'
import { anEventCheck, anEventRecord, aSub } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { inTempFolder } from '../../support/temp-folder.ts'

const logId = 'a'.repeat(32)

/** As Kafka gives it. */
const inBytes = (record: RawRecord): RawRecord => ({
  ...record,
  key: Buffer.from(textOf(record.key)),
  value: Buffer.from(textOf(record.value)),
})

claims('the thread of the trail', {
  'makes of bytes, as Kafka has them, the leaves that it makes of text, and takes none for forged':
    () =>
      inTempFolder('trail-thread', async (base) => {
        const records = [0, 1, 2].map((offset): RawRecord => {
          return { ...anEventRecord(aSub(), offset), partition: 0, offset }
        })
        const dir = join(base, 'trail')
        const plan = { dir, keysDir: base, groupAccess: 'none', host: 'h/audit' } as const
        const alarms: unknown[] = []
        const onAlarm = (alarm: unknown): void => void alarms.push(alarm)
        const listener = { onAlarm, onSealed: () => {}, onVerified: () => {} }
        const thread = new TrailWorkerHost(plan, anEventCheck(), listener)
        const { life } = await thread.begin(logId, 1)
        const batch = { topic: 'auth.events', partition: 0, end: 3, more: false } as const
        await thread.add(life, { ...batch, records: records.map(inBytes) }, [])
        await thread.close()
        const place = { files: openTrailFiles(dir), folder: treeFolder(life, 0) }
        const entries = records.map(({ offset }) => String(entryAt(place, offset, 3)))
        assert.equal(
          entries,
          records.map((record) => String(leafOf(logId, record).bytes)),
        )
        assert.equal(alarms, [])
      }),

  'asked after it ended, it refuses at once with what ended it': () =>
    inTempFolder('trail-thread', async (base) => {
      const dir = join(base, 'trail')
      writeFileSync(dir, 'no folder')
      const plan = {
        dir,
        keysDir: join(base, 'keys'),
        groupAccess: 'none',
        host: 'h/audit',
      } as const
      const listener = { onAlarm: () => {}, onSealed: () => {}, onVerified: () => {} }
      const thread = new TrailWorkerHost(plan, anEventCheck(), listener)
      const ended = await thread.ended
      assert.ok(ended)
      const asked = [
        () => thread.begin('a'.repeat(32), 1),
        () => thread.receipt('x'),
        () =>
          thread.add(
            'a'.repeat(32),
            { topic: 'auth.events', partition: 0, records: [], end: 0, more: false },
            [],
          ),
      ]
      for (const ask of asked) {
        const said = await ask().then(
          () => 'answered',
          (error: Error) => error.message,
        )
        assert.is(said, ended.message)
      }
      await thread.close()
    }),
})
