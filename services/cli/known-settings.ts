import { backendFields } from '../../shared/backends/config.ts'
import { type Env, unknownVariables } from '../../shared/kernel/config.ts'
import { gatewayFields } from '../gateway/config.ts'
import { ordersFields } from '../orders/config.ts'
import { projectorFields } from '../projector/config.ts'

/** Every table of settings that some command reads. */
export const settingTables = {
  gatewayFields,
  backendFields,
  projectorFields,
  ordersFields,
} as const

/** A mistyped variable would silently leave its default in force; this says so. */
export const warningsOfUnknown = (env: Env): readonly string[] =>
  unknownVariables(Object.values(settingTables), env).map(
    (name) => `curfew: ${name} is no setting of Curfew; see docs/reference/configuration.md`,
  )
