import fc from 'fast-check'
import { closedTimeSchema, revocationSchema } from '../../../.ci/reference/event-schemas.ts'
import type { EventOf } from '../../../shared/events/event.ts'
import { encodeClosedTime, encodeRevocation } from '../../../shared/events/event-codec.ts'
import {
  closedTimeExample,
  cutoffExample,
  revocationExample,
} from '../../../shared/events/examples.ts'
import type { LogRecord, RawRecord } from '../../../shared/events/log-record.ts'
import { readRevocationRecord } from '../../../shared/events/read-revocation-record.ts'
import { macHeader, signRecord } from '../../../shared/events/record-mac.ts'
import { decodeClosedTime, decodeRevocation } from '../../../shared/events/revocation-record.ts'
import type { EventId } from '../../../shared/kernel/ids.ts'
import { anyText } from '../../support/fakes/any-text.ts'
import { aRevoked, aRing, noon, source } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'

const ring = aRing()
const raw = (record: LogRecord): RawRecord => ({
  ...record,
  partition: 0,
  offset: 5,
  key: Buffer.from(record.key),
  value: Buffer.from(record.value),
})
const recorded = {
  id: 's/1:1:0' as EventId,
  at: noon,
  event: aRevoked() as EventOf<'TokenRevoked'>,
}
const revocation = (): LogRecord => encodeRevocation(source, ring, recorded, revocationExample)
/** As a holder of the ring would sign it, whatever it says. */
const signed = (
  over: Partial<LogRecord>,
  headers: Readonly<Record<string, string>> = {},
): LogRecord => {
  const record = { ...revocation(), ...over }
  const covered = { ...record, headers: { ...record.headers, ...headers } }
  return { ...covered, headers: { ...covered.headers, [macHeader]: signRecord(ring, covered) } }
}
const kindOf = (record: LogRecord): string => readRevocationRecord(ring, raw(record)).kind

/** Nearly right revocations, so that each rule decides some of the cases. */
const nearly = fc.record(
  {
    key: fc.oneof(
      fc.constantFrom('all', 'sid:1', 'jti:a', 'sub:zoe', 'client:web', 'sub:', 'sid:a b', 'x:1'),
      fc.string(),
      fc.integer(),
    ),
    cutoff: fc.oneof(fc.constantFrom(null, 0, 4, -1, 0.5, 2 ** 60), fc.string()),
    expiresAt: fc.oneof(fc.constantFrom(0, 1e12, -1, 1.5, Number.MAX_VALUE), fc.string()),
    reason: fc.oneof(fc.constantFrom('logout', ''), fc.integer(), fc.constant(null)),
    revokedAt: fc.oneof(fc.constantFrom(0, 1e12, -1), fc.constant(null)),
  },
  { requiredKeys: ['key'] },
)
const byCutoff = (key: unknown): boolean => /^(all|sub:.*|client:.*)$/s.test(String(key))

claims('revocation records', {
  'revocations, cutoffs and closed times come back as they were written': () => {
    for (const one of [revocationExample, cutoffExample]) {
      assert.equal(decodeRevocation(JSON.stringify(one)), one)
      const record = encodeRevocation(source, ring, recorded, one)
      const item = readRevocationRecord(ring, raw(record))
      assert.equal(item, { kind: 'revocation', offset: 5, id: recorded.id, revocation: one })
    }
    const item = readRevocationRecord(ring, raw(encodeClosedTime(source, ring, closedTimeExample)))
    assert.equal(item, { kind: 'closed', offset: 5, closed: closedTimeExample })
  },

  'rubbish never throws, and decodes to nothing': () => {
    const anything = fc.oneof(anyText(), fc.json())
    fc.assert(
      fc.property(anything, (text) => {
        assert.is(decodeRevocation(text), null)
        assert.is(decodeClosedTime(text), null)
      }),
    )
  },

  'what the schema takes is decoded, and nothing else': () => {
    fc.assert(
      fc.property(nearly, (value) => {
        // The schema cannot say which keys need a cutoff; the decoder must.
        const cutoffFits = byCutoff(value.key) === (value.cutoff !== null)
        const wanted = revocationSchema.safeParse(value).success && cutoffFits
        assert.is(decodeRevocation(JSON.stringify(value)) !== null, wanted)
      }),
      { numRuns: 2_000 },
    )
    const times = fc.record({
      t: fc.constantFrom(0, 1e12, -1, 0.5, null),
      logId: fc.constantFrom('a'.repeat(32), 'A'.repeat(32), '', null),
      low: fc.constantFrom(undefined, null, 0, 41, -1, 0.5, '0'),
    })
    fc.assert(
      fc.property(times, (value) => {
        const wanted = closedTimeSchema.safeParse(value).success
        assert.is(decodeClosedTime(JSON.stringify(value)) !== null, wanted)
      }),
    )
  },

  'members that a later version adds are passed over': () => {
    const text = JSON.stringify({ ...revocationExample, added: { later: true } })
    assert.equal(decodeRevocation(text), revocationExample)
  },

  'without a good MAC a record is forged, whatever it says': () => {
    const { [macHeader]: _mac, ...headers } = revocation().headers
    assert.is(kindOf({ ...revocation(), headers }), 'forged')
    assert.is(kindOf({ ...revocation(), value: '{}' }), 'forged')
  },

  'with a good MAC, what is not understood is unreadable: it may be a revocation': () => {
    const name = 'urn:curfew:schema:curfew.Revocation'
    assert.is(kindOf(signed({})), 'revocation')
    assert.is(kindOf(signed({ value: '{' })), 'unreadable')
    assert.is(kindOf(signed({}, { ce_type: 'curfew.Later' })), 'unreadable')
    assert.is(kindOf(signed({}, { ce_dataschema: `${name}:2` })), 'unreadable')
    assert.is(kindOf(signed({}, { ce_type: 'curfew.ClosedTime' })), 'unreadable')
    assert.is(kindOf(signed({ key: 'all' })), 'unreadable')
  },

  'no bytes make the reader throw': () => {
    const record = fc.record({
      key: fc.option(fc.uint8Array(), { nil: null }),
      value: fc.option(fc.uint8Array(), { nil: null }),
      headers: fc.dictionary(fc.constantFrom('ce_type', 'curfew-mac', 'ce_id'), fc.string()),
    })
    fc.assert(
      fc.property(record, ({ key, value, headers }) => {
        const item = readRevocationRecord(ring, {
          topic: 'auth.revocations',
          partition: 0,
          offset: 0,
          headers,
          key: key && Buffer.from(key),
          value: value && Buffer.from(value),
        })
        assert.is(item.kind, 'forged')
      }),
    )
  },
})
