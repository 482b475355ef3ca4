import { backendFields } from '../../../shared/backends/config.ts'
import { directoryFields } from '../../../shared/backends/directory-settings.ts'
import { type Env, type Field, refuse, unknownVariables } from '../../../shared/kernel/config.ts'
import { auditFields, auditorFields } from '../../auditor/config.ts'
import { consoleFields } from '../../console/config.ts'
import { workerFields } from '../../embedded/worker-settings.ts'
import { gatewayFields } from '../../gateway/config.ts'
import { ordersFields } from '../../orders/config.ts'
import { projectorFields } from '../../projector/config.ts'
import { witnessFields } from '../../witness/config.ts'

const hook = 'a claims hook adds claims, and the answers are fixed'

/**
 * Settings of Simple-JWT, past and present, that Curfew answers otherwise. The first four stop the
 * start there too, since 5.0 or longer.
 */
export const unsupportedSettings: Readonly<Record<string, string>> = {
  AUTH_HEADER_TYPE: 'Simple-JWT removed it; use AUTH_HEADER_TYPES',
  AUTH_TOKEN_CLASS: 'Simple-JWT removed it; use AUTH_TOKEN_CLASSES',
  SECRET_KEY: 'Simple-JWT removed it; use SIGNING_KEY, and never Django’s SECRET_KEY',
  TOKEN_BACKEND_CLASS: 'Simple-JWT removed it; ALGORITHM and the keys say all there is to say',
  JSON_ENCODER: 'claims are JSON as it is',
  USER_AUTHENTICATION_RULE: 'the directory says who may log in; disable a user, or use your own',
  TOKEN_USER_CLASS: 'a service makes its user out of the claims itself',
  TOKEN_OBTAIN_SERIALIZER: hook,
  TOKEN_REFRESH_SERIALIZER: hook,
  TOKEN_VERIFY_SERIALIZER: hook,
  TOKEN_BLACKLIST_SERIALIZER: hook,
  SLIDING_TOKEN_OBTAIN_SERIALIZER: hook,
  SLIDING_TOKEN_REFRESH_SERIALIZER: hook,
}

/** Edits of one character that turn `a` into `b` (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const charactersMax = 100

/** What was probably meant by `name`, or `null` when nothing is near. */
export const nearestName = (name: string, known: readonly string[]): string | null => {
  if (name.length > charactersMax) return null
  const [best] = known
    .map((one) => ({ one, edits: distance(name, one) }))
    .sort((a, b) => a.edits - b.edits)
  return best && best.edits <= Math.max(2, Math.floor(name.length / 4)) ? best.one : null
}

/** Every table of settings that some command reads. */
const settingTables = {
  gatewayFields,
  directoryFields,
  backendFields,
  projectorFields,
  auditFields,
  auditorFields,
  ordersFields,
  witnessFields,
  consoleFields,
  workerFields,
} as const

const prefix = 'CURFEW_'
const tables = Object.values(settingTables)
const fields: readonly Field<unknown>[] = tables.flatMap((table) => Object.values(table))
const variables: readonly string[] = [...new Set(fields.map(({ env }) => env))]

/** Every meaning of a variable; none when no command reads it. */
export const fieldsOf = (variable: string): readonly Field<unknown>[] =>
  fields.filter(({ env }) => env === variable)

/** `CURFEW_ISSUER` and `ISSUER` are one setting. */
export const variableOf = (key: string): string => (key.startsWith(prefix) ? key : prefix + key)

/** Why `variable` is no setting, with what was probably meant. */
export const explainUnknown = (variable: string): string => {
  const instead = unsupportedSettings[variable.slice(prefix.length)]
  if (instead !== undefined) return `is no setting of Curfew: ${instead}`
  const near = nearestName(variable, variables)
  const hint = near === null ? 'see docs/reference/configuration.md' : `did you mean ${near}?`
  return `is no setting of Curfew; ${hint}`
}

/**
 * A mistyped variable would silently leave its default in force; this says so. @throws AuthError
 * CONFIG_INVALID for a name of Simple-JWT's that would be believed to work.
 */
export const warningsOfUnknown = (env: Env): readonly string[] => {
  const unknown = unknownVariables(tables, env)
  const stops = (name: string): boolean =>
    Object.hasOwn(unsupportedSettings, name.slice(prefix.length))
  refuse(unknown.filter(stops).map((name) => `${name} ${explainUnknown(name)}.`))
  return unknown.map((name) => `curfew: ${name} ${explainUnknown(name)}`)
}
