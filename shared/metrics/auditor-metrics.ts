import type { MetricRow } from './metric-row.ts'

/** The metrics of auditors; a part of `metricTable`. */
export const auditorMetrics = {
  curfew_trail_leaves: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'Records in the signed log of each partition.',
    labels: ['partition'],
  },
  curfew_invariant_breaches_total: {
    kind: 'counter',
    of: ['auditor'],
    help: 'What events showed that no right history holds: page somebody for each.',
    labels: ['invariant'],
  },
  curfew_invariant_sessions_unread_total: {
    kind: 'counter',
    of: ['auditor'],
    help: 'Sessions whose earlier events were not looked at, since too many came at once.',
    labels: [],
  },
  curfew_audit_index_behind: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'Records of each partition that came and cannot be asked for yet; a second’s worth.',
    labels: ['partition'],
  },
  curfew_trail_head_age_seconds: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'Since the newest head of the trail was signed; at most 60 while the auditor works.',
    labels: [],
  },
  curfew_trail_findings: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'What the newest verification of the trail found, once a day; 0 when it is as signed.',
    labels: [],
  },
  curfew_trail_store_findings: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'Versions that the trail has and the event store lacks, or the reverse; `curfew start`.',
    labels: [],
  },
  curfew_trail_alarms_total: {
    kind: 'counter',
    of: ['auditor'],
    help: 'What auditors must look at, by kind: docs/audit.md has each.',
    labels: ['kind'],
  },
  curfew_trail_witnessed_age_seconds: {
    kind: 'gauge',
    of: ['auditor'],
    help: 'Since each witness cosigned a head of the trail; it is asked every ten seconds.',
    labels: ['witness'],
  },
} as const satisfies Readonly<Record<string, MetricRow>>
