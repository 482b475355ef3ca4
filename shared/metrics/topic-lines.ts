import type { EventLog } from '../ports/event-log.ts'
import { metricBlock } from './metric-block.ts'

/** Wrong settings of the log's topics, as last looked at, in Prometheus' text format. */
export const topicLines = (log: Pick<EventLog, 'mistakes'>): string =>
  metricBlock(
    'curfew_topic_mistakes',
    log.mistakes().map(({ topic, setting }) => ({ labels: { topic, setting }, value: 1 })),
  )
