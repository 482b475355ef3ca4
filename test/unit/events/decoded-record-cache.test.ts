import { LogTail } from '../../../shared/adapters/lmdb/log/log-tail.ts'
import type { Recorded } from '../../../shared/events/decoded-record-cache.ts'
import { encodeRevocation, encodeSignedEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { readEventRecord } from '../../../shared/events/read-event-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { anEventsRing, aRevoked, aRing, noon, source } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const ring = anEventsRing()
const check = { ring, unsigned: 'park' } as const
const examples = eventExamples.map(
  ({ id, at, stored }): Recorded => ({ id, at, event: upcast(stored) }),
)

/** A record as a follower of this process gets it. */
const fromTail = (record: LogRecord): RawRecord => {
  const tail = new LogTail()
  tail.add(record, 7)
  const [raw] = tail.from(record.topic, 7, 1)?.records ?? []
  if (!raw) throw new Error('the tail has no record')
  return raw
}

const revocationRecord = (macRing = aRing()): Readonly<{ record: LogRecord }> => {
  const event = aRevoked()
  const { key, cutoff, expiresAt, reason, revokedAt } = event.data
  const said = { key, cutoff, expiresAt, reason, revokedAt }
  const id = 's/x:1:0' as Recorded['id']
  return { record: encodeRevocation(source, macRing, { id, at: noon, event }, said) }
}

claims('records that this process made', {
  'say to its readers what the same record says that is verified and decoded': () => {
    for (const recorded of examples) {
      const raw = fromTail(encodeSignedEvent(source, ring, recorded))
      const read = readEventRecord(check, raw)
      assert.ok(read.ok && read.event === recorded.event, 'not decoded')
      assert.equal(read, readEventRecord(check, { ...raw }))
    }
    const mac = aRing()
    const raw = fromTail(revocationRecord(mac).record)
    assert.equal(readRevocationRecord(mac, raw), readRevocationRecord(mac, { ...raw }))
    assert.is(readRevocationRecord(mac, raw).kind, 'revocation')
  },

  'are verified by a reader of another ring': () => {
    const [recorded] = examples
    if (!recorded) return assert.unreachable()
    const raw = fromTail(encodeSignedEvent(source, ring, recorded))
    const other = readEventRecord({ ...check, ring: { ...aRing() } }, raw)
    assert.ok(!other.ok && other.forged)
    const forged = readRevocationRecord(anEventsRing(), fromTail(revocationRecord().record))
    assert.is(forged.kind, 'forged')
  },

  'are no longer known once anything about them was changed': () => {
    const [recorded] = examples
    if (!recorded) return assert.unreachable()
    const record = encodeSignedEvent(source, ring, recorded)
    const changes: Partial<LogRecord>[] = [
      { value: record.value.replace(/\d/, '7').replace(/[a-f]/, 'x') },
      { key: `${record.key}x` },
      { headers: { ...record.headers, ce_id: 's/other:0:0' } },
      { headers: { ...record.headers, [macHeader]: 'k.AAAA' } },
    ]
    for (const change of changes) {
      const read = readEventRecord(check, fromTail({ ...record, ...change }))
      assert.ok(!read.ok && read.forged, JSON.stringify(change))
    }
  },
})
