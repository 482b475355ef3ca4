import { backendFields, backendMistakes } from '../../shared/backends/config.ts'
import { directoryFields, directoryMistakes } from '../../shared/backends/directory-fields.ts'
import { drainFields } from '../../shared/http/drain.ts'
import {
  type Env,
  field,
  readConfig,
  refuse,
  type Values,
  whole,
} from '../../shared/kernel/config.ts'
import { configMistakes, gatewayFields } from '../gateway/config.ts'
import { ordersFields } from '../orders/config.ts'
import { feedFields } from '../projector/feed/open-feed.ts'

export const embeddedFields = {
  ...ordersFields,
  ...gatewayFields,
  ...directoryFields,
  ...backendFields,
  ...feedFields,
  ...drainFields,
  ordersPort: ordersFields.port,
  workers: field({
    env: 'CURFEW_WORKERS',
    schema: whole(1, 64),
    otherwise: '1',
    takes: 'a number from 1 to 64',
    doc:
      'How many processes answer the requests to `start`, on one port and one store. With 1 ' +
      'there is one process for everything. With more, one beside them keeps the views, runs ' +
      '`orders`, and starts a worker anew that ended. More than the cores of the machine gain ' +
      'nothing.',
  }),
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
