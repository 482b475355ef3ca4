import { createSecretKey } from 'node:crypto'
import { event, noAct } from '../../../shared/events/event.ts'
import { decodeEvent, encodeEvent } from '../../../shared/events/event-codec.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { hasValidMac, type MacRing, macHeader } from '../../../shared/events/record-mac.ts'
import type { EventId, SubjectId } from '../../../shared/kernel/ids.ts'
import { fleetIdOf } from '../../../shared/tokens/key-rings/fleet-id.ts'
import { createRing, macRingOf, rotateRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import {
  aClosedTimeRecord,
  aLogId,
  aRevocationRecord,
  aRing,
  noon,
  source,
} from '../../support/fakes/builders.ts'
import { rawAt } from '../../support/fakes/hand-fed-log.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { assert, claims } from '../../support/suite.ts'

const [ours, theirs] = [fleetIdOf('a'.repeat(32)), fleetIdOf('b'.repeat(32))]
const kid = 'k'.repeat(43)
const ring = (fleet: string | undefined, fill: number, id = kid): MacRing => ({
  active: id,
  keys: new Map([[id, createSecretKey(Buffer.alloc(32, fill))]]),
  ...(fleet === undefined ? {} : { fleet }),
})
const [own, other] = [ring(ours, 1), ring(theirs, 2)]
const kindOf = (reader: MacRing, record: LogRecord): string =>
  readRevocationRecord(reader, rawAt(0, record)).kind
const changed = (fleet: string): LogRecord => {
  const record = aRevocationRecord(own)
  return { ...record, headers: { ...record.headers, ce_fleet: fleet } }
}
const aChange = (fleet?: string): LogRecord =>
  encodeEvent(
    source,
    {
      id: 'u/x:0:0' as EventId,
      at: noon,
      event: event('PasswordChanged', { sub: 'x' as SubjectId, ...noAct }),
    },
    fleet,
  )

claims('fleets in records', {
  'every record names its fleet, and readers before fleets check its MAC as ever': () => {
    const before = ring(undefined, 1)
    for (const record of [aRevocationRecord(own), aClosedTimeRecord(own, noon, aLogId())]) {
      assert.is(record.headers['ce_fleet'], ours)
      assert.ok(hasValidMac(before, record))
      assert.ok(['revocation', 'closed'].includes(kindOf(before, record)))
    }
    assert.is(aChange(ours).headers['ce_fleet'], ours)
  },

  'records from before fleets are read by the ring that signed them': () => {
    const record = aRevocationRecord(ring(undefined, 1))
    assert.is(record.headers['ce_fleet'], undefined)
    assert.is(kindOf(own, record), 'revocation')
  },

  'another fleet’s record is foreign, and says whose it is': () => {
    const record = aClosedTimeRecord(other, noon, aLogId())
    const item = readRevocationRecord(own, rawAt(3, record))
    assert.equal(item, { kind: 'foreign', offset: 3, fleet: theirs })
  },

  'another fleet of a version before fleets is told by its key': () => {
    const record = aRevocationRecord(ring(undefined, 2, 'o'.repeat(43)))
    assert.is(kindOf(own, record), 'foreign')
  },

  'a record that claims to be ours, or claims nothing that a fleet is called, is forged': () => {
    assert.is(kindOf(own, { ...changed(ours), value: '{}' }), 'forged')
    assert.is(kindOf(own, changed('x')), 'forged')
    const { [macHeader]: _mac, ce_fleet: _fleet, ...headers } = changed(ours).headers
    assert.is(kindOf(own, { ...changed(ours), headers }), 'forged')
    assert.is(kindOf(aRing(), { ...aRevocationRecord(aRing()), value: '{}' }), 'forged')
  },

  'nobody can take a revocation out by another name on it: the MAC covers the name': () => {
    assert.is(kindOf(own, changed(theirs)), 'foreign')
    assert.not.ok(hasValidMac(own, changed(theirs)))
  },

  'events of another fleet are no news, those of versions before fleets are': () => {
    assert.ok(decodeEvent(rawAt(0, aChange(ours)), ours).ok)
    assert.ok(decodeEvent(rawAt(0, aChange()), ours).ok)
    const foreign = decodeEvent(rawAt(0, aChange(theirs)), ours)
    assert.ok(!foreign.ok && foreign.fleet === theirs)
  },

  'a rotation of the ring leaves the fleet as it is, and another ring is another fleet': () => {
    const made = { alg: 'HS256', entropy: seededEntropy('fleets') } as const
    const first = createRing('mac', made)
    const rotated = rotateRing(first, { ...made, at: noon, overlapMs: 0 })
    assert.not.equal([...macRingOf(rotated).keys.keys()], [...macRingOf(first).keys.keys()])
    assert.is(macRingOf(rotated).fleet, macRingOf(first).fleet)
    assert.is.not(macRingOf(createRing('mac', made)).fleet, macRingOf(first).fleet)
    assert.match(macRingOf(first).fleet ?? '', /^[0-9a-f]{16}$/)
  },
})
