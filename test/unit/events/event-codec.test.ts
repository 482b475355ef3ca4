import fc from 'fast-check'
import type { AuthEvent, TokenRevoked } from '../../../shared/events/event.ts'
import {
  decodeEvent,
  encodeDeadLetter,
  encodeEvent,
  revocationOf,
} from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { aRevoked, source } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const raw = (
  { topic, key, headers, value }: LogRecord,
  over: Partial<RawRecord> = {},
): RawRecord => ({
  topic,
  partition: 3,
  offset: 7,
  key: Buffer.from(key),
  headers,
  value: Buffer.from(value),
  ...over,
})
const records = eventExamples.map(({ id, at, stored }) => ({
  id,
  stored,
  record: encodeEvent(source, { id, at, event: stored as AuthEvent }),
}))
const [sample] = records
if (!sample) throw new Error('no samples')
const problemOf = (record: RawRecord): string => {
  const decoded = decodeEvent(record)
  return decoded.ok ? '' : decoded.problem
}

claims('event codec', {
  'every event comes back as today’s version of what was written, under its id': () => {
    for (const { id, stored, record } of records) {
      const decoded = decodeEvent(raw(record))
      assert.ok(decoded.ok, stored.type)
      assert.equal([decoded.id, decoded.event], [id, upcast(stored)])
    }
  },

  'records are CloudEvents in binary mode, keyed by the user': () => {
    for (const { id, stored, record } of records) {
      const { headers, key, topic } = record
      assert.is(topic, 'auth.events')
      assert.is(headers['ce_specversion'], '1.0')
      assert.is(headers['ce_id'], id)
      assert.is(headers['ce_type'], `curfew.${stored.type}`)
      assert.is(headers['content-type'], 'application/json')
      const sub = 'sub' in stored.data ? stored.data.sub : null
      assert.is(key, sub ?? 'nobody')
      assert.is(headers['ce_subject'], sub ?? undefined)
    }
  },

  'what does not decode says why, and nothing throws': () => {
    const { record } = sample
    const withSchema = (name: string): RawRecord =>
      raw({ ...record, headers: { ...record.headers, ce_dataschema: name } })
    assert.is(problemOf(raw(record, { headers: {} })), 'no ce_id')
    assert.is(problemOf(withSchema('urn:curfew:schema:curfew.Unknown:1')), 'unknown event type')
    assert.is(problemOf(withSchema('urn:curfew:schema:curfew.toString:1')), 'unknown event type')
    assert.is(
      problemOf(withSchema('urn:curfew:schema:curfew.TokenIssued:99')),
      'unknown version 99 of TokenIssued',
    )
    const unfit = 'data of TokenIssued does not fit its schema'
    for (const value of [null, Buffer.from('{'), Buffer.from('[]'), Buffer.from([0xff, 0xfe])]) {
      assert.is(problemOf(raw(record, { value })), unfit)
    }
  },

  'rubbish in any header or value never throws': () => {
    const rubbish = fc.record({
      headers: fc.dictionary(
        fc.constantFrom('ce_id', 'ce_type', 'ce_dataschema', '__proto__'),
        fc.oneof(fc.string(), fc.constant('urn:curfew:schema:curfew.TokenIssued:1')),
      ),
      value: fc.option(fc.oneof(fc.json(), fc.string()), { nil: null }),
    })
    fc.assert(
      fc.property(rubbish, ({ headers, value }) => {
        decodeEvent(
          raw(sample.record, { headers, value: value === null ? null : Buffer.from(value) }),
        )
      }),
    )
  },

  'members that this version does not know are passed over': () => {
    const { record, stored } = sample
    const value = Buffer.from(JSON.stringify({ ...JSON.parse(record.value), added: 'later' }))
    const decoded = decodeEvent(raw(record, { value }))
    assert.ok(decoded.ok)
    assert.equal(decoded.event.data, stored.data)
  },

  'guards hear of every revocation, and of no rotation': () => {
    const told = revocationOf(aRevoked()) !== null
    const rotated: TokenRevoked = aRevoked({ reason: 'rotated', scope: 'token' })
    assert.equal([told, revocationOf(rotated)], [true, null])
  },

  'a dead letter keeps the bytes, and says where they lay and why': () => {
    const value = Buffer.from([0, 0xff, 0x7b])
    const letter = encodeDeadLetter(raw(sample.record, { value }), 'bad MAC')
    assert.is(letter.topic, 'auth.deadletters')
    assert.is(letter.key, 'auth.events/3/7')
    assert.is(letter.headers['curfew-problem'], 'bad MAC')
    assert.ok(Buffer.from(letter.value, 'base64').equals(value))
    assert.is(encodeDeadLetter(raw(sample.record, { value: null }), 'empty').value, '')
  },
})
