import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { RawRecord, RawText } from '../../../shared/events/log-record.ts'
import { macHeader } from '../../../shared/events/record-mac.ts'
import { SortedNamesCache } from '../../../shared/kernel/sorted-names-cache.ts'
import { canonicalJson, canonicalOf } from './canonical-json.ts'

/**
 * What a record becomes in the trail.
 * - `event`: a CloudEvent of `auth.events`.
 * - `opaque`: what is none; it is kept whole, as bytes.
 * - `large`: too long for a leaf; its hash and its id are kept.
 */
export type LeafKind = 'event' | 'opaque' | 'large'
export type Leaf = Readonly<{ kind: LeafKind; bytes: Buffer; id: string | null }>

/** The longest leaf; an entry of a C2SP log has at most 65,535 bytes. */
export const leafBytesMax = 64_000

const eventIdMax = 512

/** Attributes of a CloudEvent, as JSON by their names. */
type Attribute = readonly [name: string, json: string]
type Attributes = Attribute[]

const attribute = (name: string, json: string): Attribute => [name, json]

const attributePattern = /^ce_[a-z0-9]{1,64}$/
/** What this file says itself. */
const ownAttributes: ReadonlySet<string> = new Set([
  ...['ce_data', 'ce_datacontenttype', 'ce_kafkapartition', 'ce_kafkaoffset', 'ce_logid'],
  ...['ce_partitionkey', 'ce_partitionkeybase64', 'ce_curfewmac', 'ce_kafkaheaders'],
])
/** The `source` of leaves that the trail writes about itself. */
const ownSource = 'urn:curfew:trail'
const required = ['ce_specversion', 'ce_id', 'ce_type', 'ce_source'] as const

const orders = new SortedNamesCache()

const joined = (attributes: Attributes): string => {
  const values = new Map(attributes)
  let members = ''
  for (const name of orders.of([...values.keys()])) {
    // Names are of a-z and 0-9, so none is to be escaped.
    members += `${members === '' ? '' : ','}"${name}":${values.get(name)}`
  }
  return `{${members}}`
}

const quoted = (text: string): string => JSON.stringify(text.toWellFormed())
const base64 = (raw: RawText): string => quoted(Buffer.from(raw).toString('base64'))

/** The text of what a log keeps; `null` when it is no text. */
const exactText = (raw: RawText): string | null => {
  if (typeof raw === 'string') return raw.isWellFormed() ? raw : null
  return isUtf8(raw) ? raw.toString('utf8') : null
}

/** Where the record lay: the same for every leaf. */
const placeOf = (logId: string, { partition, offset }: RawRecord): Attributes => [
  attribute('kafkapartition', String(partition)),
  // A whole number of CloudEvents ends at 2^31.
  attribute('kafkaoffset', `"${offset}"`),
  attribute('logid', quoted(logId)),
]

const isJson = (type: string | undefined): boolean =>
  type === undefined || /^application\/(?:[a-z0-9.-]+\+)?json\b/i.test(type)

const dataOf = ({ headers, value }: RawRecord): Attributes => {
  if (value === null) return []
  const text = exactText(value)
  const data = text !== null && isJson(headers['content-type']) ? canonicalOf(text) : null
  return [data === null ? attribute('data_base64', base64(value)) : attribute('data', data)]
}

const keyOf = ({ key }: RawRecord): Attributes => {
  if (key === null) return []
  const text = exactText(key)
  return text === null || text === ''
    ? [attribute('partitionkeybase64', base64(key))]
    : [attribute('partitionkey', quoted(text))]
}

/** The attributes of a CloudEvent, taken from headers that are all well-formed. */
const headersOf = (headers: RawRecord['headers']): Attributes => {
  const attributes: Attributes = []
  let others: Record<string, string> | null = null
  for (const [name, text] of Object.entries(headers)) {
    const json = JSON.stringify(text)
    if (name.startsWith('ce_')) attributes.push(attribute(name.slice(3), json))
    else if (name === 'content-type') attributes.push(attribute('datacontenttype', json))
    else if (name === macHeader) attributes.push(attribute('curfewmac', json))
    else {
      others ??= Object.create(null) as Record<string, string>
      others[name.toWellFormed()] = text
    }
  }
  const rest = others && canonicalJson(others)
  if (rest) attributes.push(attribute('kafkaheaders', JSON.stringify(rest)))
  return attributes
}

const isCloudEvent = ({ headers, unread }: RawRecord): boolean => {
  if (unread || headers['ce_specversion'] !== '1.0') return false
  if (!required.every((name) => headers[name])) return false
  // Else a record could have the very leaf that the trail makes of another one.
  if (headers['ce_source'] === ownSource) return false
  for (const [name, text] of Object.entries(headers)) {
    if (!text.isWellFormed() || ownAttributes.has(name)) return false
    if (name.startsWith('ce_') && !attributePattern.test(name)) return false
  }
  return true
}

/** An event that the auditor makes of what is none; its source is nobody’s but the trail’s. */
const ownEvent = (logId: string, record: RawRecord, type: string, data: string): string =>
  joined([
    attribute('data', data),
    attribute('datacontenttype', '"application/json"'),
    attribute('id', quoted(`${logId}:${record.partition}:${record.offset}`)),
    attribute('source', quoted(ownSource)),
    attribute('specversion', '"1.0"'),
    attribute('type', quoted(type)),
    ...placeOf(logId, record),
  ])

const opaqueData = ({ headers, key, value, unread }: RawRecord): string => {
  const named: Record<string, string> = Object.create(null)
  for (const [name, text] of Object.entries(headers))
    named[name.toWellFormed()] = text.toWellFormed()
  const bytes = (raw: RawText | null): string | null =>
    raw === null ? null : Buffer.from(raw).toString('base64')
  const data = {
    headers: named,
    key_base64: bytes(key),
    problem: unread?.problem.toWellFormed() ?? 'it is no CloudEvent',
    value_base64: bytes(value),
  }
  return canonicalJson(data) ?? '{}'
}

const fullText = (logId: string, record: RawRecord, isEvent: boolean): string =>
  isEvent
    ? joined([
        ...headersOf(record.headers),
        ...placeOf(logId, record),
        ...keyOf(record),
        ...dataOf(record),
      ])
    : ownEvent(logId, record, 'curfew.OpaqueRecord', opaqueData(record))

const largeText = (logId: string, record: RawRecord, whole: Buffer, id: string | null): string => {
  const sha256 = createHash('sha256').update(whole).digest('hex')
  const data = { bytes: whole.length, ...(id === null ? {} : { id }), sha256 }
  return ownEvent(logId, record, 'curfew.LargeRecord', canonicalJson(data) ?? '{}')
}

/**
 * The leaf of a record: its CloudEvent in structured mode, as canonical JSON, with the place where
 * it lay. The same record gives the same bytes, whoever reads it; every record gives some.
 */
export const leafOf = (logId: string, record: RawRecord): Leaf => {
  const given = record.unread ? undefined : record.headers['ce_id']
  const id = given && given.length <= eventIdMax && given.isWellFormed() ? given : null
  const isEvent = isCloudEvent(record)
  const bytes = Buffer.from(fullText(logId, record, isEvent))
  if (bytes.length > leafBytesMax) {
    return { kind: 'large', bytes: Buffer.from(largeText(logId, record, bytes, id)), id }
  }
  return isEvent ? { kind: 'event', bytes, id } : { kind: 'opaque', bytes, id: null }
}

/**
 * In place of a record that the log does not have: below its start when the first auditor came, or
 * in a gap. The same everywhere, so that a tree over many of them is made soon.
 */
export const missingLeaf: Buffer = Buffer.from(
  joined([
    attribute('id', '"missing"'),
    attribute('source', quoted(ownSource)),
    attribute('specversion', '"1.0"'),
    attribute('type', '"curfew.MissingRecord"'),
  ]),
)
