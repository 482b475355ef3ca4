import type { EventLog } from '../../ports/event-log.ts'
import { type KafkaLogOptions, kafkaEventLog } from './event-log.ts'
import { kafkaPublisher } from './publishing/kafka-publisher.ts'
import { replicasMissing } from './publishing/replicas-missing.ts'

export type { KafkaLogOptions } from './event-log.ts'

/**
 * The event log on Apache Kafka, by kafkajs: plain acks=-1, at least once. A writer creates the
 * topics that are missing and looks at those that exist, with each new connection and once a
 * minute; a reader looks at what it may see. While the broker is away `publish` rejects at once,
 * `healthy()` is false, and connecting goes on with backoff (1 s).
 * @throws AuthError LOG_TOPIC_WRONG when the broker answers within 5 s, its topics would lose
 * revocations, and `isFirstStart` says so
 */
export const openKafkaLog = (options: KafkaLogOptions): Promise<EventLog> =>
  kafkaEventLog(options, kafkaPublisher, replicasMissing)
