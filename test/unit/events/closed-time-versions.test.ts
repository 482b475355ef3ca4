import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRing } from '../../../.ci/reference/records.ts'
import { encodeClosedTime } from '../../../shared/events/event-codec.ts'
import { asFarAsCovered, covers } from '../../../shared/events/log-coverage.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { aLogId, aRing, noon, source } from '../../support/fakes/builders.ts'
import { rawAt } from '../../support/fakes/hand-fed-log.ts'
import { olderReading } from '../../support/fakes/older-closed-time.ts'
import { projectRoot } from '../../support/project-files.ts'
import { assert, claims } from '../../support/suite.ts'

const ring = aRing()
const logId = aLogId()
const golden = (name: string): LogRecord =>
  JSON.parse(
    readFileSync(join(projectRoot, `test/golden/events/${name}.json`), 'utf8'),
  ) as LogRecord

claims('closed times of two versions', {
  'a guard of version 0.1.0 reads what gateways write now': () => {
    const record = rawAt(7, encodeClosedTime(source, ring, { t: noon, logId, low: 3 }))
    assert.equal(olderReading(ring, record), { kind: 'closed', t: noon, logId })
    const written = rawAt(0, golden('ClosedTime.v2'))
    assert.is(olderReading(sampleRing, written).kind, 'closed')
  },

  'a guard of today reads what gateways of version 0.1.0 wrote, and knows no low mark of it':
    () => {
      const item = readRevocationRecord(sampleRing, rawAt(0, golden('ClosedTime.v1')))
      assert.ok(item.kind === 'closed')
      assert.is(item.closed.low, null)
      assert.is(covers(item.closed, 0), true, 'begun at the start, as that version did')
      assert.is(covers(item.closed, 41, true), false, 'begun in the middle by choice')
    },

  'a low mark is what a reader must not have begun above': () => {
    for (const [began, low, isCovered] of [
      [0, 0, true],
      [3, 3, true],
      [4, 3, false],
      [3, 4, true],
    ] as const) {
      const item = readRevocationRecord(
        ring,
        rawAt(9, encodeClosedTime(source, ring, { t: noon, logId, low })),
      )
      assert.is(asFarAsCovered(item, began).kind, isCovered ? 'closed' : 'uncovered')
    }
  },

  'a low mark that is no offset makes the record unreadable, never a closed time': () => {
    for (const low of [-1, 0.5, 2 ** 60, Number.NaN]) {
      const record = encodeClosedTime(source, ring, { t: noon, logId, low })
      const kind = readRevocationRecord(ring, rawAt(9, record)).kind
      assert.is(kind, Number.isNaN(low) ? 'closed' : 'unreadable') // JSON has no NaN: it is null.
    }
  },
})
