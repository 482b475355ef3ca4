import { z } from 'zod'
import { eventSchemas } from '../../shared/events/event.ts'
import { closedTimeType, revocationType } from '../../shared/events/read-revocation-record.ts'

const keyPattern = /^(?:all|(?:jti|sid|sub|client):[\x21-\x7e]{1,255})$/
const instant = z.int().min(0)

/**
 * `auth.revocations` as schemas. Guards decode these two by hand and carry no schema library, so a
 * test compares the decoders with what stands here.
 */
export const revocationSchema = z.object({
  key: z.string().regex(keyPattern),
  cutoff: z.int().min(0).nullable(),
  expiresAt: instant,
  reason: z.string(),
  revokedAt: instant,
})
const closedTimeV1Schema = z.object({
  t: instant,
  logId: z.string().regex(/^[0-9a-f]{32}$/),
})
const low = z.int().min(0)
const closedTimeV2Schema = closedTimeV1Schema.extend({ low })
/** What readers take: both versions. */
export const closedTimeSchema = closedTimeV1Schema.extend({ low: low.nullish() })

export type NamedSchema = Readonly<{
  /** `TokenIssued.v1`: the name of the schema's file and of the golden file. */
  name: string
  type: string
  version: number
  topic: 'auth.events' | 'auth.revocations'
  schema: z.ZodType
}>

const named = (
  type: string,
  version: number,
  topic: NamedSchema['topic'],
  schema: z.ZodType,
): NamedSchema => ({
  name: `${type.replace('curfew.', '')}.v${version}`,
  type,
  version,
  topic,
  schema,
})

/** Every record that Curfew writes, by type and version. */
export const recordSchemas: readonly NamedSchema[] = [
  ...Object.entries(eventSchemas).flatMap(([type, versions]) =>
    Object.entries(versions).map(([version, schema]) =>
      named(`curfew.${type}`, Number(version), 'auth.events', schema),
    ),
  ),
  named(revocationType, 1, 'auth.revocations', revocationSchema),
  named(closedTimeType, 1, 'auth.revocations', closedTimeV1Schema),
  named(closedTimeType, 2, 'auth.revocations', closedTimeV2Schema),
]

/** The identifier that `ce_dataschema` names. */
export const schemaId = ({ type, version }: NamedSchema): string =>
  `urn:curfew:schema:${type}:${version}`

/** JSON Schema 2020-12 of the stored bytes: brands and other transforms leave them as they are. */
export const jsonSchemaOf = (named: NamedSchema): object => ({
  $id: schemaId(named),
  title: named.type,
  ...z.toJSONSchema(named.schema, { io: 'input', unrepresentable: 'throw' }),
})

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** The files of `shared/events/schemas`, by path. */
export const schemaFiles = (): ReadonlyMap<string, string> =>
  new Map(
    recordSchemas.map((one) => [
      `shared/events/schemas/${one.name}.json`,
      jsonText(jsonSchemaOf(one)),
    ]),
  )
