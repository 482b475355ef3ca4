import { openKafkaLogReader } from '../adapters/kafka/open-kafka-log-reader.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { systemEntropy as entropy } from '../kernel/entropy.ts'
import { jsonLineLogger } from './json-line-logger.ts'
import type { KafkaFeedSettings } from './kafka-revocation-feed.ts'
import { runFeedWorker } from './run-feed-worker.ts'

/** The file that the thread begins with; what it rejects with ends the thread, and is told. */
void runFeedWorker(({ logLevel, ...access }: KafkaFeedSettings, { fleet }) =>
  openKafkaLogReader({
    ...access,
    ...(fleet === undefined ? {} : { fleet }),
    clock,
    entropy,
    logger: jsonLineLogger({ service: access.clientId, level: logLevel, clock }),
    tellsDenials: false,
  }),
)
