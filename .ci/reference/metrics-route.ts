import { z } from 'zod'
import type { Route } from '../../shared/http/route-doc.ts'

/** What shared/metrics/metrics-server.ts answers, in every process; metrics.md lists the names. */
export const metricsRouteDocs: readonly Omit<Route<never>, 'handler'>[] = [
  {
    method: 'get',
    path: '/metrics',
    doc: {
      summary: 'What the process counts, in Prometheus’ text format',
      description:
        'On a port of its own, without credentials, because the numbers of a whole fleet are not ' +
        'for whoever reaches the gateway. Nothing listens without `CURFEW_METRICS_PORT`; ' +
        '`CURFEW_METRICS_HOST` is loopback unless told otherwise. `docs/reference/metrics.md` ' +
        'has every name.',
      tag: 'Metrics',
      security: [],
      server: {
        url: 'http://localhost:9464',
        description: '`CURFEW_METRICS_PORT=9464`, of every process; every other path is 404.',
      },
      answers: {
        200: {
          description: 'Counters, gauges and histograms.',
          content: { type: 'text/plain', schema: z.string() },
        },
        500: { description: 'They could not be collected.' },
      },
    },
  },
]
