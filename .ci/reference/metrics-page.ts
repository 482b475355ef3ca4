import { metricTable } from '../../shared/metrics/metric-table.ts'
import { generated, page, table } from './tables.ts'

const introduction: readonly string[] = [
  'Each process shows them at `GET /metrics` on CURFEW_METRICS_PORT, in Prometheus’ text format;',
  'without that setting nothing listens. Histograms are in seconds. Beside these there are',
  '`nodejs_` (event loop delay among them) and `process_` of prom-client. `curfew start` shows',
  'those of all its parts at one port. Names are added and never renamed; no label names a user, a',
  'session, a token or an address.',
  '',
]

/** `docs/reference/metrics.md` */
export const metricsPage = (): string =>
  page(
    generated('Metrics', 'the table in shared/metrics/metric-table.ts'),
    introduction,
    table(
      ['metric', 'kind', 'labels', 'of', 'meaning'],
      Object.entries(metricTable).map(([name, { kind, labels, of, help }]) => [
        `\`${name}\``,
        kind,
        labels.map((label) => `\`${label}\``).join(', '),
        of.join(', '),
        help,
      ]),
    ),
  )
