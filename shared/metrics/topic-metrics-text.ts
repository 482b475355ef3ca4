import type { EventLog } from '../ports/event-log.ts'
import { prometheusText } from './prometheus-text.ts'

/** Wrong settings of the log's topics, as last looked at, in Prometheus' text format. */
export const topicMetricsText = (log: Pick<EventLog, 'mistakes'>): string =>
  prometheusText(
    'curfew_topic_mistakes',
    log.mistakes().map(({ topic, setting }) => ({ labels: { topic, setting }, value: 1 })),
  )
