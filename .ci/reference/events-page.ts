import type { LogRecord } from '../../shared/events/log-record.ts'
import { jsonSchemaOf, type NamedSchema, recordSchemas, schemaId } from './event-schemas.ts'
import { sampleRecord } from './records.ts'
import { generated, page, table } from './tables.ts'

type Property = Readonly<{
  type?: string
  enum?: readonly string[]
  pattern?: string
  anyOf?: readonly Property[]
  items?: Property
  properties?: Readonly<Record<string, Property>>
}>

/** What a person wants to know of a member's form; the schema file has the rest. */
const formOf = (property: Property): string => {
  if (property.anyOf) return property.anyOf.map(formOf).join(' or ')
  if (property.enum) return property.enum.map((value) => `\`${value}\``).join(', ')
  if (property.properties) return `object of ${Object.keys(property.properties).join(', ')}`
  if (property.items) return `list of ${formOf(property.items)}`
  if (property.pattern === '^[0-9a-f]{32}$') return '32 hex digits'
  return property.type ?? 'any'
}

const sampleOf = ({ headers, key, value, topic }: LogRecord): readonly string[] => [
  '```text',
  `topic  ${topic}`,
  `key    ${key}`,
  ...Object.entries(headers).map(([name, text]) => `${name}: ${text}`),
  '',
  JSON.stringify(JSON.parse(value), null, 2),
  '```',
  '',
]

const section = (one: NamedSchema): readonly string[] => {
  const { properties = {} } = jsonSchemaOf(one) as Property
  const sample = sampleRecord(one.name)
  return [
    `## ${one.name.replace('.', ' ')}`,
    '',
    `\`${schemaId(one)}\`, [JSON Schema](../../shared/events/schemas/${one.name}.json)`,
    '',
    ...table(
      ['member', 'form'],
      Object.entries(properties).map(([name, property]) => [`\`${name}\``, formOf(property)]),
    ),
    '',
    ...(sample ? sampleOf(sample) : []),
  ]
}

const introduction: readonly string[] = [
  'Records are CloudEvents 1.0 in Kafka’s binary content mode: attributes are headers, the',
  'value is JSON in UTF-8. `ce_id` is `stream:version:index`, so an event always has the same',
  'id, and whoever reads a record twice can tell. `auth.events` has every event, keyed by the',
  'user. `auth.revocations` has what a guard must know and closed times. Every record carries',
  '`curfew-mac`, HMAC-SHA256 over topic, key, `ce_` headers and value: with the ring in',
  '`log-mac.json` on `auth.revocations`, with that in `events-mac.json` on `auth.events`.',
  '`ce_actor` says on whose word an event happened (`user:<sub>`, `administrator:<sub>`,',
  '`service:<client>`, `system:gateway`, `system:cli:<account of the machine>`), and is absent',
  'where nobody is known, as of a login that failed. `ce_request` is the id of the request, as',
  'answers and log lines have it. Events of older versions lack these three, and are shown as they',
  'were written. `ce_fleet` names the fleet that wrote a record; it follows from `log-mac.json`,',
  'and readers pass over the records of another one. Times named `iat` and `exp` are seconds since',
  '1970, all others milliseconds. Readers ignore members and attributes they do not know. A type',
  'that changes gets a new version',
  'beside the old one: what was written once can be read for ever.',
  '',
]

/** `docs/reference/events.md` */
export const eventsPage = (): string =>
  page(
    generated('Events', 'the schemas in shared/events and the samples beside them'),
    introduction,
    ...recordSchemas.map(section),
  )
