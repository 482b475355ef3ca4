import { auditFields, auditorFields } from '../../services/auditor/config.ts'
import { consoleFields } from '../../services/console/config.ts'
import { embeddedFields } from '../../services/embedded/config.ts'
import { gatewayProcessFields } from '../../services/gateway/main.ts'
import { ordersFields } from '../../services/orders/config.ts'
import { projectorFields } from '../../services/projector/config.ts'
import { witnessFields } from '../../services/witness/config.ts'
import { backendFields } from '../../shared/backends/config.ts'
import type { Field, Fields } from '../../shared/kernel/config.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'

/** Which command reads which table, in the order of the reference page. */
export const commandFields: Readonly<Record<string, Fields>> = {
  start: embeddedFields,
  gateway: gatewayProcessFields,
  projector: projectorFields,
  auditor: auditorFields,
  orders: ordersFields,
  witness: witnessFields,
  console: consoleFields,
}

export type Setting = Readonly<{ field: Field<unknown>; commands: readonly string[] }>

const entriesOf = (fields: Fields): readonly Field<unknown>[] => Object.values(fields)

/** `start` reads these tables whole, and decides by itself what its guards are told. */
const withoutEffect: Readonly<Record<string, ReadonlySet<string>>> = {
  start: new Set([
    'CURFEW_GATEWAY_URL',
    'CURFEW_INTROSPECT_CLIENT_ID',
    'CURFEW_INTROSPECT_CLIENT_SECRET',
    'CURFEW_LOG_MAC_FILE',
  ]),
}

const meaningOf = ({ env, doc, otherwise, takes, secret }: Field<unknown>): string =>
  JSON.stringify([env, doc, otherwise, takes, secret])

/** Every variable with the commands that read it; one with two meanings comes twice. */
export const settings = (): readonly Setting[] => {
  const found = new Map<string, Setting>()
  for (const [command, fields] of Object.entries(commandFields)) {
    for (const field of entriesOf(fields)) {
      if (withoutEffect[command]?.has(field.env)) continue
      const known = found.get(meaningOf(field))?.commands ?? []
      found.set(meaningOf(field), { field, commands: [...new Set([...known, command])] })
    }
  }
  return [...found.values()]
}

const inTable = (fields: Fields, { field }: Setting): boolean =>
  entriesOf(fields).some((one) => meaningOf(one) === meaningOf(field))

export type Section = Readonly<{ title: string; text: string; settings: readonly Setting[] }>

/** The page's sections; a setting stands in the first that fits. */
export const sections = (): readonly Section[] => {
  const rest = new Set(settings())
  const take = (title: string, text: string, wanted: (setting: Setting) => boolean): Section => {
    const taken = [...rest].filter(wanted)
    for (const setting of taken) rest.delete(setting)
    return { title, text, settings: taken }
  }
  return [
    take('Every process', 'Where it listens and what it logs.', (setting) =>
      inTable(processFields, setting),
    ),
    take('Stores and logs', 'Where events, revocations and users are kept.', (setting) =>
      inTable(backendFields, setting),
    ),
    take('Gateway', 'Tokens, cookies, sessions and keys.', (setting) =>
      inTable(gatewayProcessFields, setting),
    ),
    take('Trail', 'The signed log of every event: [audit.md](../audit.md).', (setting) =>
      inTable(auditFields, setting),
    ),
    take(
      'Console',
      'Of a console that is served alone: [console.md](../console.md#alone).',
      (setting) =>
        inTable({ port: consoleFields.port, gateway: consoleFields.gatewayUrl }, setting),
    ),
    take('Readers of the log', 'Projectors, and services with a guard.', () => true),
  ]
}
