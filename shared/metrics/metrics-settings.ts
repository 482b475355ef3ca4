import { field, optional, port, portTakes, text } from '../kernel/config.ts'

/** Where a process shows its metrics. */
export const metricsFields = {
  metricsPort: optional({
    env: 'CURFEW_METRICS_PORT',
    schema: port,
    takes: portTakes,
    doc: 'Port of `GET /metrics`, for Prometheus. Without it, nothing is shown.',
  }),
  metricsHost: field({
    env: 'CURFEW_METRICS_HOST',
    schema: text(255),
    otherwise: '127.0.0.1',
    takes: 'an address to listen on',
    doc: 'Where `/metrics` listens. It asks for no credentials: only this machine, unless told.',
  }),
} as const
