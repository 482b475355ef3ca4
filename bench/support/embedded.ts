import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { freePort } from '../../test/support/servers/server-process.ts'
import { type CurfewProcess, startCurfew } from './curfew-process.ts'

export type Embedded = Readonly<{
  settings: Readonly<Record<string, string>>
  gatewayUrl: string
  ordersUrl: string
  process: CurfewProcess
}>

/**
 * `curfew start` on LMDB in `dataDir`, on free ports unless `over` names some: a store remembers
 * the address in its tokens. Not ready yet when it returns.
 */
export const startEmbedded = async (
  parts: Lifecycle,
  dataDir: string,
  over: Embedded['settings'] = {},
): Promise<Embedded> => {
  const settings = {
    CURFEW_DATA_DIR: dataDir,
    CURFEW_PORT: String(await freePort()),
    CURFEW_ORDERS_PORT: String(await freePort()),
    ...over,
  }
  return {
    settings,
    gatewayUrl: `http://127.0.0.1:${settings.CURFEW_PORT}`,
    ordersUrl: `http://127.0.0.1:${settings.CURFEW_ORDERS_PORT}`,
    process: await parts.use(startCurfew('start', settings)),
  }
}
