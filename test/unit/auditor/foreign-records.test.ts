import { addLife, treeFolder } from '../../../services/auditor/files/index.ts'
import { makeReceipt } from '../../../services/auditor/receipts/index.ts'
import { judgeRecord } from '../../../services/auditor/trees/index.ts'
import { verifyTrail } from '../../../services/auditor/verification/index.ts'
import { fleetHeader } from '../../../shared/events/fleet-header.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { macHeader, signRecord } from '../../../shared/events/record-mac.ts'
import { parseTlogProof } from '../../../shared/tlog/tlog-proof.ts'
import { anEventCheck, noon } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { CrashingFiles } from '../../support/trail/crashing-files.ts'
import { atOnce, host, logId, openLife, recordAt, ring } from '../../support/trail/drawn-trail.ts'

const fleet = 'f'.repeat(32)
const check = { ...anEventCheck(), ring: { ...anEventCheck().ring, fleet } }
const known = ring.verifiers(host)

const signed = (record: RawRecord): RawRecord => {
  const headers = { ...record.headers, [fleetHeader]: fleet }
  const { topic } = record
  const covered = { topic, key: String(record.key), headers, value: String(record.value) }
  return { ...record, headers: { ...headers, [macHeader]: signRecord(check.ring, covered) } }
}
/** With the id of the event at 3, and another session in it. */
const foreignAt = (offset: number, id = recordAt(3).headers['ce_id'] ?? ''): RawRecord => {
  const record = recordAt(offset)
  return { ...record, headers: { ...record.headers, ce_id: id, [fleetHeader]: 'another' } }
}
const genuine = Array.from({ length: 10 }, (_, at) => signed(recordAt(at)))
const opened = (files: CrashingFiles) =>
  openLife({ files, fleet, judge: (record) => judgeRecord(check, record) })

const trailWith = async (last: readonly RawRecord[]) => {
  const files = new CrashingFiles()
  addLife(files, logId)
  const life = opened(files)
  const records = [...genuine, ...last]
  const alarms = await life.add({ partition: 0, records, end: records.length }, atOnce)
  life.seal(noon, noon)
  return { files, alarms }
}

const leafOfReceipt = async (files: CrashingFiles): Promise<number | undefined> => {
  const receipt = await makeReceipt(files, recordAt(3).headers['ce_id'] ?? '')
  return receipt ? parseTlogProof(receipt).index : undefined
}

claims('a record that is not of this fleet', {
  'is an alarm, and no receipt proves it for the event whose id it took': async () => {
    const unsigned = {
      ...recordAt(11),
      headers: { ...recordAt(11).headers, ce_id: recordAt(3).headers['ce_id'] ?? '' },
    }
    const { files, alarms } = await trailWith([foreignAt(10), unsigned])
    assert.equal(
      alarms.map(({ kind, offset }) => [kind, offset]),
      [
        ['foreign', 10],
        ['forged', 11],
      ],
    )
    assert.is(await leafOfReceipt(files), 3)
  },

  'is not found either when the index of ids is made again': async () => {
    const { files } = await trailWith([foreignAt(10)])
    files.disk.delete(`${treeFolder(logId, 0)}/ids`)
    opened(files)
    assert.is(await leafOfReceipt(files), 3)
  },

  'neither lacks versions of a stream nor stands in for one': async () => {
    const late = (record: RawRecord): RawRecord => ({
      ...record,
      headers: { ...record.headers, ce_time: '2099-01-01T00:00:00Z' },
    })
    const stranger = await trailWith([foreignAt(10, 's/stranger:7:0'), signed(late(recordAt(11)))])
    const verified = await verifyTrail({ files: stranger.files, known })
    assert.equal(verified.findings, [])
    const ids = (version: number) => ({ session: 77, version })
    const filled = await trailWith([
      signed(recordAt(10, ids(0))),
      foreignAt(11, recordAt(11, ids(1)).headers['ce_id']),
      signed(recordAt(12, ids(2))),
      signed(late(recordAt(13))),
    ])
    const { findings } = await verifyTrail({ files: filled.files, known })
    assert.is(findings.length, 1)
    assert.match(findings[0]?.problem ?? '', 'event 1:0 is not in the trail')
  },
})
