import { backendFields, backendMistakes } from '../../shared/backends/config.ts'
import { directoryFields, directoryMistakes } from '../../shared/backends/directory-settings.ts'
import { drainFields } from '../../shared/http/drain.ts'
import { type Env, readConfig, refuse, type Values } from '../../shared/kernel/config.ts'
import { auditFields } from '../auditor/config.ts'
import { configMistakes, gatewayFields } from '../gateway/config.ts'
import { ordersFields } from '../orders/config.ts'
import { feedFields } from '../projector/feed/open-feed.ts'
import { workerFields } from './worker-settings.ts'

export const embeddedFields = {
  ...ordersFields,
  ...gatewayFields,
  ...directoryFields,
  ...backendFields,
  ...feedFields,
  ...drainFields,
  ...workerFields,
  ...auditFields,
  ordersPort: ordersFields.port,
}
export type EmbeddedConfig = Values<typeof embeddedFields>

/** @throws AuthError CONFIG_INVALID with every mistake. */
export const readEmbeddedConfig = (env: Env): EmbeddedConfig => {
  const config = readConfig(embeddedFields, env)
  refuse([
    ...configMistakes(config),
    ...directoryMistakes(config),
    ...backendMistakes(config, true),
  ])
  return config
}
