import type { Running } from './compose.ts'
import type { EmbeddedConfig } from './config.ts'
import { type FirstUser, firstSteps } from './first-user.ts'
import { shownAddresses } from './print-addresses.ts'

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
