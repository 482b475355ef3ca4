import { publicUrlOf } from '../gateway/config.ts'
import type { Running } from './compose.ts'
import type { EmbeddedConfig } from './config.ts'
import { type FirstUser, firstSteps } from './first-user.ts'

type ShownAddresses = Readonly<{ gateway: string; orders: string; lines: string }>

const loopback = ['localhost', '127.0.0.1', '[::1]']
const allAddresses = ['0.0.0.0', '::']

/**
 * A listening address with one name for this machine in all of them. A browser does not send
 * cookies of `localhost` to `127.0.0.1`, so with a mixture nobody would be logged in.
 */
const withName = (url: string, name: string): string => {
  const { hostname, port } = new URL(url)
  return loopback.includes(hostname) ? `http://${name}:${port}` : `http://${hostname}:${port}`
}

/** The addresses of `curfew start`, as people type them. */
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
  const gateway = `${withName(gatewayUrl, name)}${base}`
  const service = orders.map(({ url }) => withName(url, name))
  const onAllAddresses = (host: string): string =>
    allAddresses.includes(host) ? `, on every address of this machine (${host})` : ''
  const rows: readonly (readonly [string, string, string])[] = [
    ['gateway', gateway, onAllAddresses(config.host)],
    ...service.map((url) => ['orders', `${url}/orders`, onAllAddresses(config.host)] as const),
    ...(metricsUrl === null
      ? []
      : [
          [
            'metrics',
            `${withName(metricsUrl, name)}/metrics`,
            onAllAddresses(config.metricsHost),
          ] as const,
        ]),
  ]
  const lines = rows.map(([what, url, where]) => `  ${what.padEnd(8)} ${url}${where}`).join('\n')
  return { gateway, orders: service[0] ?? '', lines }
}

type Started = Pick<Running, 'gatewayUrl' | 'metricsUrl' | 'orders' | 'backend'> &
  Readonly<{ firstUser: FirstUser | null; tookMs: number }>

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** What a person at the terminal reads once `curfew start` is ready. */
export const printStart = (config: EmbeddedConfig, started: Started): void => {
  const { backend, firstUser, tookMs } = started
  const addresses = shownAddresses(config, started)
  const workers = config.workers > 1 ? `, with ${config.workers} workers` : ''
  print(`curfew is ready after ${(tookMs / 1_000).toFixed(1)} s, on ${backend}${workers}`)
  print(addresses.lines)
  if (firstUser) print(firstSteps(firstUser, addresses.gateway, addresses.orders))
}
