import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  canonicalJson,
  leafBytesMax,
  leafOf,
  readLeaf,
} from '../../../services/auditor/leaves/index.ts'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { anyText } from '../../support/fakes/any-text.ts'
import { source } from '../../support/fakes/builders.ts'
import { assert, claims } from '../../support/suite.ts'
import { logId, recordAt } from '../../support/trail/drawn-trail.ts'

type Written = Record<string, unknown>
const read = (bytes: Buffer): Written => JSON.parse(bytes.toString('utf8')) as Written
const bytesOf = (raw: RawRecord['value']): Buffer | null => (raw === null ? null : Buffer.from(raw))

/** What the leaf keeps of key and value, as bytes. */
const keptIn = (leaf: Written): Readonly<{ key: Buffer | null; value: Buffer | null }> => {
  const decoded = (value: unknown): Buffer | null =>
    typeof value === 'string' ? Buffer.from(value, 'base64') : null
  if (leaf['type'] === 'curfew.OpaqueRecord') {
    const data = leaf['data'] as Written
    return { key: decoded(data['key_base64']), value: decoded(data['value_base64']) }
  }
  const text = leaf['partitionkey']
  return {
    key: typeof text === 'string' ? Buffer.from(text) : decoded(leaf['partitionkeybase64']),
    value:
      'data' in leaf ? Buffer.from(JSON.stringify(leaf['data'])) : decoded(leaf['data_base64']),
  }
}

const raw = fc.option(
  fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => JSON.stringify(JSON.parse(text))),
    anyText().map((text) => text.toWellFormed()),
    fc.constantFrom('{"a":1,"a":2}', '{"a":1e400}', '{ }', '[1.0]', '"\\ud800"', '1', ''),
  ),
  { nil: null },
)
const headers = fc.oneof(
  fc.constant(recordAt(0).headers),
  fc.dictionary(
    fc.oneof(
      fc.constantFrom('ce_id', 'ce_specversion', 'ce_data', 'ce_X', 'content-type', 'curfew-mac'),
      anyText().map((text) => text.toWellFormed()),
    ),
    fc.oneof(fc.constantFrom('1.0', 'text/plain'), anyText()).map((text) => text.toWellFormed()),
  ),
  fc
    .dictionary(fc.stringMatching(/^ce_[a-z0-9]{1,9}$|^[a-z-]{1,9}$/), fc.string())
    .map((more) => ({ ...more, ...recordAt(0).headers })),
)
const record: fc.Arbitrary<RawRecord> = fc.record({
  topic: fc.constant('auth.events' as const),
  partition: fc.nat(11),
  offset: fc.nat(),
  key: raw,
  headers,
  value: raw,
})

claims('leaves of the trail', {
  'every event of every version is a CloudEvent as it is published, in canonical form': () => {
    for (const { id, at, stored } of eventExamples) {
      const event = encodeEvent(source, { id, at, event: upcast(stored) }, 'f1ee7')
      const place = { partition: 4, offset: 2 ** 40 }
      const { key, headers: sent, value } = event
      const mac = { ...sent, 'curfew-mac': 'k.m' }
      const leaf = leafOf(logId, { topic: 'auth.events', ...place, key, headers: mac, value })
      assert.is(leaf.kind, 'event')
      assert.is(leaf.id, id)
      const written = read(leaf.bytes)
      assert.equal(written['data'], JSON.parse(value))
      assert.is(written['subject'], sent['ce_subject'])
      assert.is(written['curfewmac'], 'k.m')
      assert.is(written['fleet'], 'f1ee7')
      assert.is(written['datacontenttype'], 'application/json')
      assert.is(written['partitionkey'], key)
      assert.is(leaf.bytes.toString(), canonicalJson(written))
      assert.equal(readLeaf(leaf.bytes), {
        ...{ kind: 'record', logId, id, fleet: 'f1ee7', time: sent['ce_time'] },
        ...place,
      })
    }
  },

  'every record gives a leaf that keeps all of its key and value, and another record another': () =>
    fc.assert(
      fc.property(record, record, (one, other) => {
        const leaf = leafOf(logId, one)
        assert.equal(leafOf(logId, one), leaf)
        assert.ok(leaf.bytes.length <= leafBytesMax)
        const kept = keptIn(read(leaf.bytes))
        assert.equal(kept.key, bytesOf(one.key))
        const { value } = kept
        const before = bytesOf(one.value)
        // Of JSON the members may be in another order.
        const isSame = value === null || before === null ? value === before : value.equals(before)
        if (!isSame) {
          assert.equal(
            JSON.parse(String(value)),
            JSON.parse(String(before)),
            'the same JSON at least',
          )
        }
        const names = Object.keys(one.headers)
        const written = leaf.bytes.toString()
        for (const name of names.filter((given) => /^[a-z]+$/.test(given))) {
          assert.ok(written.includes(name), name)
        }
        if (!leafOf(logId, other).bytes.equals(leaf.bytes)) return
        assert.is(one.offset, other.offset)
        assert.is(one.partition, other.partition)
      }),
      { numRuns: 2_000 },
    ),

  'a foreign event that says it is of the trail never has a leaf that the trail makes itself': () =>
    fc.assert(
      fc.property(record, (drawn) => {
        const big = { ...drawn, value: 'x'.repeat(leafBytesMax + 1) }
        for (const made of [{ ...drawn, headers: {} }, big].map((one) => leafOf(logId, one))) {
          if (made.kind === 'event') continue
          const { id, source: from, specversion, type, datacontenttype, data } = read(made.bytes)
          const mimic = {
            ...{ ...drawn, key: null, value: canonicalJson(data) ?? '' },
            headers: {
              ...{ ce_specversion: String(specversion), ce_id: String(id) },
              ...{ ce_source: String(from), ce_type: String(type) },
              'content-type': String(datacontenttype),
            },
          }
          const leaf = leafOf(logId, mimic)
          assert.is(leaf.kind, 'opaque')
          assert.not.equal(leaf.bytes, made.bytes)
        }
      }),
    ),

  'one changed byte of a value, a key or a header changes the leaf': () => {
    const one = recordAt(7)
    const leaf = leafOf(logId, one).bytes
    const changed = (text: string, at: number): string =>
      `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`
    const value = String(one.value)
    for (let at = 0; at < value.length; at += 1) {
      const other = leafOf(logId, { ...one, value: changed(value, at) })
      assert.not.ok(other.bytes.equals(leaf), `value ${at}`)
    }
    for (const [name, text] of Object.entries(one.headers)) {
      const other = { ...one, headers: { ...one.headers, [name]: changed(text, 0) } }
      assert.not.ok(leafOf(logId, other).bytes.equals(leaf), name)
    }
    assert.not.ok(leafOf(logId, { ...one, key: 'other' }).bytes.equals(leaf))
    assert.not.ok(leafOf('b'.repeat(32), one).bytes.equals(leaf))
  },

  'what is too large leaves its hash and its id': () => {
    const large = { ...recordAt(3), value: JSON.stringify({ text: 'x'.repeat(leafBytesMax) }) }
    const { kind, bytes, id } = leafOf(logId, large)
    assert.is(kind, 'large')
    assert.is(id, large.headers['ce_id'])
    const { data } = read(bytes) as { data: { bytes: number; id: string; sha256: string } }
    assert.is(data.id, id)
    assert.match(data.sha256, /^[0-9a-f]{64}$/)
    // As anybody computes it who has the record: nothing but its size stands against a leaf of it.
    const small = leafOf(logId, { ...large, value: '{"text":""}' }).bytes.toString()
    const whole = small.replace('"text":""', `"text":"${'x'.repeat(leafBytesMax)}"`)
    assert.is(data.sha256, createHash('sha256').update(whole).digest('hex'))
    assert.is(data.bytes, whole.length)
    assert.is((readLeaf(bytes) as { id: string }).id, id)
  },

  'what the log could not read is kept with the reason, and so is what is no CloudEvent': () => {
    const unread = { problem: 'a batch is damaged', mayBeOurs: true }
    const value = Buffer.from([0xff, 0, 1])
    const { kind, bytes } = leafOf(logId, { ...recordAt(1), value, unread })
    assert.is(kind, 'opaque')
    const data = read(bytes)['data'] as Written
    assert.is(data['problem'], unread.problem)
    assert.is(data['value_base64'], value.toString('base64'))
    assert.is(leafOf(logId, { ...recordAt(1), headers: {} }).kind, 'opaque')
    assert.is(readLeaf(Buffer.from('{}')), null)
    assert.is(readLeaf(Buffer.from('no JSON')), null)
  },
})
