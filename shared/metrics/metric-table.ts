import { auditorMetrics } from './auditor-metrics.ts'
import type { MetricRow as Row } from './metric-row.ts'

/**
 * Every metric of Curfew's own, in the order of the reference page. Names and labels are a promise
 * to whoever drew a chart: rows are added, never renamed. No label names a user, a session, a token
 * or an address.
 */
export const metricTable = {
  curfew_logins_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Logins: opened, unknown_user, wrong_password or inactive.',
    labels: ['outcome'],
  },
  curfew_refreshes_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Refreshes that are events: refreshed, replayed (within the grace), reused.',
    labels: ['outcome'],
  },
  curfew_revocations_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Revocations that this process appended; those of rotation are among the refreshes.',
    labels: ['scope', 'reason'],
  },
  curfew_revocation_answers_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'What revocations were answered: acknowledged or pending.',
    labels: ['status'],
  },
  curfew_http_requests_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Answers by route and status.',
    labels: ['route', 'status'],
  },
  curfew_store_seconds: {
    kind: 'histogram',
    of: ['gateway'],
    help: 'Calls of the event store, by method; failed ones too.',
    labels: ['call'],
  },
  curfew_store_failures_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Calls of the event store that rejected.',
    labels: ['call'],
  },
  curfew_publish_seconds: {
    kind: 'histogram',
    of: ['gateway', 'projector'],
    help: 'From a request to the log until it acknowledged.',
    labels: [],
  },
  curfew_publish_failures_total: {
    kind: 'counter',
    of: ['gateway', 'projector'],
    help: 'Requests to the log that were not acknowledged.',
    labels: [],
  },
  curfew_publish_refusals_total: {
    kind: 'counter',
    of: ['gateway', 'projector'],
    help: 'The same by the code of the error: LOG_THROTTLED, LOG_RECORD_TOO_LARGE and others.',
    labels: ['code'],
  },
  curfew_dead_letters_total: {
    kind: 'counter',
    of: ['projector'],
    help: 'Records that were parked in auth.deadletters.',
    labels: [],
  },
  curfew_view_age_seconds: {
    kind: 'gauge',
    of: ['projector'],
    help: 'Since the view’s closed time moved, whichever projector folds; +Inf before it has.',
    labels: [],
  },
  curfew_forged_records_total: {
    kind: 'counter',
    of: ['gateway', 'projector'],
    help: 'Records without a good MAC, as a reader of the topic met them; each changed nothing.',
    labels: ['topic'],
  },
  curfew_log_deleted_revocations_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Revocations in force whose records were deleted from the log; told again.',
    labels: [],
  },
  curfew_relay_runs_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Runs of the relay: finished or failed.',
    labels: ['outcome'],
  },
  curfew_set_deliveries_total: {
    kind: 'counter',
    of: ['gateway'],
    help: 'Tries to tell receivers of revocations: delivered, refused for good, or failed.',
    labels: ['kind', 'outcome'],
  },
  curfew_unpublished: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'Unpublished commits that the relay found, at least: revocations (r) and others (o).',
    labels: ['kind'],
  },
  curfew_closed_time_age_seconds: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'Age of the newest closed time when the relay last looked, by the store’s clock.',
    labels: [],
  },
  curfew_topic_mistakes: {
    kind: 'gauge',
    of: ['gateway', 'projector'],
    help: 'Settings of the log’s topics that are wrong, 1 each; the process’s log has the fix.',
    labels: ['topic', 'setting'],
  },
  curfew_part_ready: {
    kind: 'gauge',
    of: ['gateway', 'projector', 'orders', 'auditor', 'witness', 'console'],
    help: 'The parts of /readyz: 1 when ready, also when degraded.',
    labels: ['part'],
  },
  curfew_part_degraded: {
    kind: 'gauge',
    of: ['gateway', 'projector', 'orders', 'auditor', 'witness', 'console'],
    help: 'The parts of /readyz: 1 when ready with a weakened promise; /readyz has the reason.',
    labels: ['part'],
  },
  curfew_attached_guard_ready: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'Guards that reported in the last minute, to any gateway: 1 when ready.',
    labels: ['guard', 'client', 'instance'],
  },
  curfew_attached_guard_staleness_seconds: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'Upper bound on the age of what such a guard knows, with the silence since.',
    labels: ['guard', 'client', 'instance'],
  },
  curfew_attached_guard_trail: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'What such a guard saw of the trail when it looked last: 1 for its state.',
    labels: ['guard', 'client', 'instance', 'state'],
  },
  curfew_attached_guard_trail_age_seconds: {
    kind: 'gauge',
    of: ['gateway'],
    help: 'How long such a guard was shown no newer head of the trail; one is signed each minute.',
    labels: ['guard', 'client', 'instance'],
  },
  curfew_guard_ready: {
    kind: 'gauge',
    of: ['orders'],
    help: '1 while the guard judges from its own, fresh knowledge.',
    labels: ['guard'],
  },
  curfew_guard_staleness_seconds: {
    kind: 'gauge',
    of: ['orders'],
    help: 'Upper bound on the age of what the guard knows; +Inf when nothing bounds it.',
    labels: ['guard'],
  },
  curfew_guard_revocations: {
    kind: 'gauge',
    of: ['orders'],
    help: 'Revocations that the guard holds.',
    labels: ['guard'],
  },
  curfew_guard_open_callers: {
    kind: 'gauge',
    of: ['orders'],
    help: 'Open connections and other work that the guard tells when the caller ends.',
    labels: ['guard'],
  },
  curfew_guard_checks_total: {
    kind: 'counter',
    of: ['orders'],
    help: 'Verdicts of the guard, by what they were.',
    labels: ['guard', 'verdict'],
  },
  curfew_guard_refusal_seconds: {
    kind: 'histogram',
    of: ['orders'],
    help: 'From a revocation, by the store’s clock, until the guard refuses by it.',
    labels: ['guard'],
  },
  ...auditorMetrics,
  curfew_witness_answers_total: {
    kind: 'counter',
    of: ['witness'],
    help: 'Checkpoints that were sent; `other_root` proves two pasts, `inconsistent` a bad proof.',
    labels: ['outcome'],
  },
} as const satisfies Readonly<Record<string, Row>>

export type MetricTable = typeof metricTable
export type MetricName = keyof MetricTable
type Named<Kind extends Row['kind']> = {
  [Name in MetricName]: MetricTable[Name]['kind'] extends Kind ? Name : never
}[MetricName]
export type CounterName = Named<'counter'>
export type GaugeName = Named<'gauge'>
export type HistogramName = Named<'histogram'>
export type Labels<Name extends MetricName> = Readonly<
  Record<MetricTable[Name]['labels'][number], string>
>
