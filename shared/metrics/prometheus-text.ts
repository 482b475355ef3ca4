import type { EventLog } from '../ports/event-log.ts'
import { type MetricName, metricTable } from './metric-table.ts'

export type MetricLine = Readonly<{
  /** Behind the name: `_bucket`, `_sum` and `_count` of a histogram. */
  suffix?: string
  labels: Readonly<Record<string, string>>
  value: number
}>

const shownNumber = (value: number): string =>
  value === Number.POSITIVE_INFINITY ? '+Inf' : String(value)

// Prometheus' text format, 0.0.4: three characters of a label's value are escaped.
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`

/** A metric whose values somebody else holds, in Prometheus' text format. */
export const prometheusText = (name: MetricName, lines: readonly MetricLine[]): string => {
  const { help, kind } = metricTable[name]
  const shown = lines.map(({ suffix = '', labels, value }) => {
    const pairs = Object.entries(labels).map(([key, one]) => `${key}=${quoted(one)}`)
    return `${name}${suffix}{${pairs.join(',')}} ${shownNumber(value)}`
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...shown, ''].join('\n')
}

/** Wrong settings of the log's topics, as last looked at, in Prometheus' text format. */
export const topicMetricsText = (log: Pick<EventLog, 'mistakes'>): string =>
  prometheusText(
    'curfew_topic_mistakes',
    log.mistakes().map(({ topic, setting }) => ({ labels: { topic, setting }, value: 1 })),
  )
