import type { Guard, GuardMetrics } from '../guard/index.ts'
import { type MetricLine, prometheusText } from './prometheus-text.ts'

/** `null` = nothing bounds it. */
export const secondsOrNever = (ms: number | null): number =>
  ms === null ? Number.POSITIVE_INFINITY : ms / 1000

type Guards = readonly (readonly [name: string, guard: Pick<Guard, 'metrics'>])[]
type Labels = Readonly<{ guard: string }>

const histogramLines = (labels: Labels, { refusalSeconds }: GuardMetrics): MetricLine[] => {
  const { buckets, sum, count } = refusalSeconds
  const bucket = (le: string, value: number): MetricLine => ({
    suffix: '_bucket',
    labels: { ...labels, le },
    value,
  })
  return [
    ...buckets.map(({ le, count: below }) => bucket(String(le), below)),
    bucket('+Inf', count),
    { suffix: '_sum', labels, value: sum },
    { suffix: '_count', labels, value: count },
  ]
}

const checkLines = (labels: Labels, { checks }: GuardMetrics): MetricLine[] =>
  Object.entries(checks).map(([verdict, value]) => ({ labels: { ...labels, verdict }, value }))

/** What guards counted, in Prometheus' text format; they hold no library for it. */
export const guardMetricsText = (guards: Guards): string => {
  const all = guards.map(([guard, one]) => ({ labels: { guard }, metrics: one.metrics() }))
  const valued = (numberOf: (metrics: GuardMetrics) => number): MetricLine[] =>
    all.map(({ labels, metrics }) => ({ labels, value: numberOf(metrics) }))
  const readiness = valued(({ ready }) => (ready ? 1 : 0))
  const staleness = valued(({ stalenessMs }) => secondsOrNever(stalenessMs))
  const revocations = valued(({ entries }) => entries)
  const open = valued(({ openCallers }) => openCallers)
  const checks = all.flatMap(({ labels, metrics }) => checkLines(labels, metrics))
  const refusals = all.flatMap(({ labels, metrics }) => histogramLines(labels, metrics))
  return [
    prometheusText('curfew_guard_ready', readiness),
    prometheusText('curfew_guard_staleness_seconds', staleness),
    prometheusText('curfew_guard_revocations', revocations),
    prometheusText('curfew_guard_open_callers', open),
    prometheusText('curfew_guard_checks_total', checks),
    prometheusText('curfew_guard_refusal_seconds', refusals),
  ].join('')
}
