import type { RequestListener } from 'node:http'
import type { Health } from '../http/health.ts'
import { listen } from '../http/listen.ts'
import type { Closable } from '../kernel/lifecycle.ts'
import type { Meter } from './meter.ts'

const answering =
  (text: () => Promise<string>, contentType: string): RequestListener =>
  (request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found.\n')
      return
    }
    text().then(
      (all) => response.writeHead(200, { 'Content-Type': contentType }).end(all),
      () => response.writeHead(500).end(),
    )
  }

type Shown = Readonly<{ meter: Meter; health: () => Health }>
type Where = Readonly<{ metricsPort: number | null; metricsHost: string }>

const nothing: Closable = { close: async () => {} }

/** What the process is, and the parts of `/readyz`, among what it counts. */
export const showParts = (meter: Meter, health: () => Health): void => {
  meter.watchProcess()
  meter.onCollect(() => {
    for (const [part, { standing }] of Object.entries(health())) {
      meter.set('curfew_part_ready', { part }, standing === 'unready' ? 0 : 1)
      meter.set('curfew_part_degraded', { part }, standing === 'degraded' ? 1 : 0)
    }
  })
}

type Metrics = Closable & Readonly<{ url?: string }>

/**
 * `GET /metrics` in Prometheus' text format, on a port of its own: the numbers of a whole fleet are
 * not for whoever reaches the gateway. Nothing without a port.
 * @throws AuthError CONFIG_INVALID when the port is taken.
 */
export const serveMetricsText = async (
  text: () => Promise<string>,
  contentType: string,
  { metricsPort: port, metricsHost: host }: Where,
): Promise<Metrics> =>
  port === null ? nothing : listen(answering(text, contentType), { port, host })

/** As `serveMetricsText`, for a process alone. */
export const serveMetrics = async ({ meter, health }: Shown, where: Where): Promise<Metrics> => {
  if (where.metricsPort === null) return nothing
  showParts(meter, health)
  return serveMetricsText(() => meter.text(), meter.contentType, where)
}
