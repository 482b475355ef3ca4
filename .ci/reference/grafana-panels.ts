export type Query = readonly [expr: string, legend: string]

export type Panel = Readonly<{
  title: string
  help: string
  kind: 'stat' | 'timeseries'
  unit: 's' | 'reqps' | 'short' | 'percentunit'
  queries: readonly Query[]
  /** From where on it is red. */
  red?: number
}>

export type PanelRow = Readonly<{ title: string; panels: readonly Panel[] }>

const stat = (
  title: string,
  help: string,
  unit: Panel['unit'],
  expr: string,
  red: number,
): Panel => ({
  ...{ title, help, unit, red },
  kind: 'stat',
  queries: [[expr, '']],
})
const chart = (
  title: string,
  help: string,
  unit: Panel['unit'],
  ...queries: readonly Query[]
): Panel => ({ ...{ title, help, unit, queries }, kind: 'timeseries' })

const rate = (metric: string, by: string): string =>
  `sum by (${by}) (rate(${metric}[$__rate_interval]))`
const quantiles = (metric: string): readonly Query[] =>
  [0.5, 0.99].map((quantile): Query => {
    const rates = rate(`${metric}_bucket`, 'le')
    return [`histogram_quantile(${quantile}, ${rates})`, `p${quantile * 100}`]
  })

// Every gateway shows every guard, and its own label `instance` is renamed by the scraper.
const staleGuards = 'min by (guard, client, exported_instance) (curfew_attached_guard_ready)'

/** What the dashboard shows, from what somebody looks at first to what they look at last. */
export const panelRows: readonly PanelRow[] = [
  {
    title: 'Now',
    panels: [
      stat(
        'Stale guards',
        'Attached guards that do not judge from fresh knowledge.',
        'short',
        `count(${staleGuards} == 0) or vector(0)`,
        1,
      ),
      stat(
        'Closed time',
        'Age of the newest closed time: guards become stale when it is too old.',
        's',
        'min(curfew_closed_time_age_seconds)',
        5,
      ),
      stat(
        'Pending revocations',
        'Durable, refused by gateways, and not in the log yet.',
        'short',
        'max(curfew_unpublished{kind="r"})',
        1,
      ),
      stat('View', 'How long the view stands still.', 's', 'min(curfew_view_age_seconds)', 15),
      stat(
        'Trail',
        'Since the newest head was signed.',
        's',
        'min(curfew_trail_head_age_seconds)',
        90,
      ),
      stat(
        'Parts not ready',
        'Of /readyz, over all processes.',
        'short',
        'count(curfew_part_ready == 0) or vector(0)',
        1,
      ),
    ],
  },
  {
    title: 'Revocations',
    panels: [
      chart(
        'From revocation to refusal',
        'Of the guards whose processes are scraped.',
        's',
        ...quantiles('curfew_guard_refusal_seconds'),
      ),
      chart('Revocations', 'What was ended, and why.', 'reqps', [
        rate('curfew_revocations_total', 'scope, reason'),
        '{{scope}} {{reason}}',
      ]),
      chart(
        'Knowledge of guards',
        'Upper bound on the age of what each knows, with the silence since its report.',
        's',
        [
          'max by (guard, client, exported_instance) (curfew_attached_guard_staleness_seconds)',
          '{{client}} {{guard}}',
        ],
      ),
      chart('Verdicts of guards', 'Of the guards whose processes are scraped.', 'reqps', [
        rate('curfew_guard_checks_total', 'verdict'),
        '{{verdict}}',
      ]),
      chart('Receivers', 'Tries to tell receivers of revocations.', 'reqps', [
        rate('curfew_set_deliveries_total', 'kind, outcome'),
        '{{kind}} {{outcome}}',
      ]),
      chart('Answers', 'What revocations were answered.', 'reqps', [
        rate('curfew_revocation_answers_total', 'status'),
        '{{status}}',
      ]),
    ],
  },
  {
    title: 'People',
    panels: [
      chart('Logins', 'By what became of them.', 'reqps', [
        rate('curfew_logins_total', 'outcome'),
        '{{outcome}}',
      ]),
      chart('Refreshes', 'By what became of them.', 'reqps', [
        rate('curfew_refreshes_total', 'outcome'),
        '{{outcome}}',
      ]),
      chart('Answers by status', 'Of gateways, all routes.', 'reqps', [
        rate('curfew_http_requests_total', 'status'),
        '{{status}}',
      ]),
      chart('Busiest routes', 'Of gateways.', 'reqps', [
        `topk(8, ${rate('curfew_http_requests_total', 'route')})`,
        '{{route}}',
      ]),
    ],
  },
  {
    title: 'Store and log',
    panels: [
      chart('Event store', 'Calls, p99 by method.', 's', [
        `histogram_quantile(0.99, ${rate('curfew_store_seconds_bucket', 'call, le')})`,
        '{{call}}',
      ]),
      chart('Log', 'Until it acknowledged.', 's', ...quantiles('curfew_publish_seconds')),
      chart(
        'Failures',
        'Calls of the store that rejected, requests to the log and runs of the relay that failed.',
        'reqps',
        [rate('curfew_store_failures_total', 'call'), 'store {{call}}'],
        [rate('curfew_publish_refusals_total', 'code'), 'log {{code}}'],
        [rate('curfew_relay_runs_total{outcome="failed"}', 'job'), 'relay {{job}}'],
      ),
      chart(
        'Not ours, or not usable',
        'Records that were parked, and records without a good MAC.',
        'short',
        ['sum by (job) (increase(curfew_dead_letters_total[1h]))', 'parked {{job}}'],
        ['sum by (topic) (increase(curfew_forged_records_total[1h]))', 'forged {{topic}}'],
      ),
    ],
  },
  {
    title: 'The trail',
    panels: [
      chart('Records signed', 'Into all partitions.', 'reqps', [
        'sum by (job) (deriv(curfew_trail_leaves[5m]))',
        '{{job}}',
      ]),
      chart('Index behind', 'Records that came and cannot be asked for yet.', 'short', [
        'sum by (job) (curfew_audit_index_behind)',
        '{{job}}',
      ]),
      chart('Witnesses', 'Since each cosigned a head.', 's', [
        'max by (witness) (curfew_trail_witnessed_age_seconds)',
        '{{witness}}',
      ]),
      chart(
        'Alarms and breaches',
        'Of the last hour; docs/audit.md has each kind.',
        'short',
        ['sum by (kind) (increase(curfew_trail_alarms_total[1h]))', '{{kind}}'],
        ['sum by (invariant) (increase(curfew_invariant_breaches_total[1h]))', '{{invariant}}'],
      ),
    ],
  },
  {
    title: 'Processes',
    panels: [
      chart('Event loop', 'Delay, p99: how long a request may wait for the processor.', 's', [
        'max by (job, instance) (nodejs_eventloop_lag_p99_seconds)',
        '{{job}} {{instance}}',
      ]),
      chart('Processor', 'Cores that each process uses.', 'short', [
        'sum by (job, instance) (rate(process_cpu_seconds_total[$__rate_interval]))',
        '{{job}} {{instance}}',
      ]),
    ],
  },
]
