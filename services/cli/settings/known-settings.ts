import { backendFields } from '../../../shared/backends/config.ts'
import { directoryFields } from '../../../shared/backends/directory-settings.ts'
import { type Env, type Field, refuse, unknownVariables } from '../../../shared/kernel/config.ts'
import { auditFields, auditorFields } from '../../auditor/config.ts'
import { workerFields } from '../../embedded/worker-settings.ts'
import { gatewayFields } from '../../gateway/config.ts'
import { ordersFields } from '../../orders/config.ts'
import { projectorFields } from '../../projector/config.ts'
import { witnessFields } from '../../witness/config.ts'
import { nearestName } from './nearest-name.ts'
import { unsupportedSettings } from './unsupported-settings.ts'

/** Every table of settings that some command reads. */
export const settingTables = {
  gatewayFields,
  directoryFields,
  backendFields,
  projectorFields,
  auditFields,
  auditorFields,
  ordersFields,
  witnessFields,
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
