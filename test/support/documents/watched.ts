import { at, type Node, objectIn } from './manifests.ts'

export type AlertRule = Readonly<{
  alert: string
  expr: string
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
}>

export const rulesPath = 'deploy/prometheus/alerts.yaml'
export const ruleTestsPath = 'deploy/prometheus/alerts.test.yaml'
const dashboardPath = 'deploy/grafana/curfew.json'

export const alertRules = (): readonly AlertRule[] =>
  (objectIn(rulesPath)['groups'] as readonly Node[]).flatMap(
    (group) => group['rules'] as readonly AlertRule[],
  )

export const dashboardPanels = (): readonly Node[] =>
  objectIn(dashboardPath)['panels'] as readonly Node[]

/** Each expression that somebody watches, behind the alert or panel that it is of. */
export const watchedExpressions = (): readonly (readonly [of: string, expr: string])[] => [
  ...alertRules().map(({ alert, expr }) => [alert, expr] as const),
  ...dashboardPanels().flatMap((panel) =>
    ((at(panel, 'targets') ?? []) as readonly Node[]).map(
      // Grafana puts a duration there, by how wide the panel is.
      ({ expr }) =>
        [String(panel['title']), String(expr).replaceAll('$__rate_interval', '5m')] as const,
    ),
  ),
]

/** The metric of a name in an expression: a histogram is read by three. */
export const metricOf = (name: string): string =>
  name.replace(/_seconds_(bucket|sum|count)$/, '_seconds')

/** Names of metrics in an expression, by their beginnings. */
export const metricsIn = (expr: string): readonly string[] => [
  ...new Set((expr.match(/\b(?:curfew|nodejs|process)_\w+/g) ?? []).map(metricOf)),
]
