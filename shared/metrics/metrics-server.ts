import type { RequestListener } from 'node:http'
import type { Health } from '../http/health.ts'
import { listen } from '../http/listen.ts'
import type { Closable } from '../kernel/lifecycle.ts'
import type { Meter } from './meter.ts'

const answering =
  (meter: Meter): RequestListener =>
  (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found.\n')
      return
    }
    meter.text().then(
      (text) => response.writeHead(200, { 'Content-Type': meter.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  }

type Shown = Readonly<{ meter: Meter; health: () => Health }>
type Where = Readonly<{ metricsPort: number | null; metricsHost: string }>

const nothing: Closable = { close: async () => {} }

/**
 * `GET /metrics` in Prometheus' text format, with the parts of `/readyz`, on a port of its own: the
 * numbers of a whole fleet are not for whoever reaches the gateway. Nothing without a port.
 * @throws AuthError CONFIG_INVALID when the port is taken.
 */
export const serveMetrics = async (
  { meter, health }: Shown,
  { metricsPort: port, metricsHost: host }: Where,
): Promise<Closable & Readonly<{ url?: string }>> => {
  if (port === null) return nothing
  meter.watchProcess()
  meter.onCollect(() => {
    for (const [part, { standing }] of Object.entries(health())) {
      meter.set('curfew_part_ready', { part }, standing === 'unready' ? 0 : 1)
      meter.set('curfew_part_degraded', { part }, standing === 'degraded' ? 1 : 0)
    }
  })
  return listen(answering(meter), { port, host })
}
