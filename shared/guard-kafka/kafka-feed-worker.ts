import { openKafkaLog } from '../adapters/kafka/kafka-event-log.ts'
import { processContext } from '../kernel/process-context.ts'
import type { KafkaFeedSettings } from './kafka-feed.ts'
import { runFeedWorker } from './run-feed-worker.ts'

/** Of a topic that a writer makes; a reader makes none. */
const ofWriters = { revocationRetentionMs: 0, eventPartitions: 1 }

/** The file that the thread begins with. */
await runFeedWorker(({ logLevel, ...access }: KafkaFeedSettings, { fleet }) =>
  openKafkaLog({
    ...access,
    ...ofWriters,
    ...(fleet === undefined ? {} : { fleet }),
    ...processContext(access.clientId, logLevel),
    role: 'reader',
    tellsDenials: false,
  }),
)
