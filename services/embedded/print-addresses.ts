import { publicUrlOf } from '../gateway/config.ts'
import type { EmbeddedConfig, Running } from './compose.ts'

export type ShownAddresses = Readonly<{ gateway: string; orders: string; lines: string }>

const loopback = ['localhost', '127.0.0.1', '[::1]']
const everywhere = ['0.0.0.0', '::']

/**
 * A listening address under the one name that this machine has here. A browser keeps cookies of
 * `localhost` from `127.0.0.1`: a mixture would log nobody in.
 */
const spelled = (url: string, name: string): string => {
  const { hostname, port } = new URL(url)
  return loopback.includes(hostname) ? `http://${name}:${port}` : `http://${hostname}:${port}`
}

/** What `curfew start` listens on, for people: as they type it. */
export const shownAddresses = (
  config: EmbeddedConfig,
  {
    gatewayUrl,
    orders,
    metricsUrl,
  }: Pick<Running, 'gatewayUrl' | 'metricsUrl'> &
    Readonly<{ orders: readonly Readonly<{ url: string }>[] }>,
): ShownAddresses => {
  const { hostname } = publicUrlOf(config)
  const name = loopback.includes(hostname) ? hostname : 'localhost'
  const base = config.basePath === '/' ? '' : config.basePath.replace(/\/$/, '')
  const gateway = `${spelled(gatewayUrl, name)}${base}`
  const service = orders.map(({ url }) => spelled(url, name))
  const on = (host: string): string =>
    everywhere.includes(host) ? `, on every address of this machine (${host})` : ''
  const rows: readonly (readonly [string, string, string])[] = [
    ['gateway', gateway, on(config.host)],
    ...service.map((url) => ['orders', `${url}/orders`, on(config.host)] as const),
    ...(metricsUrl === null
      ? []
      : [['metrics', `${spelled(metricsUrl, name)}/metrics`, on(config.metricsHost)] as const]),
  ]
  const lines = rows.map(([what, url, where]) => `  ${what.padEnd(8)} ${url}${where}`).join('\n')
  return { gateway, orders: service[0] ?? '', lines }
}
