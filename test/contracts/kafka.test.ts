import { openKafkaLog } from '../../shared/adapters/kafka/open-kafka-log.ts'
import { kafkaRevocationFeed } from '../../shared/guard-kafka/kafka-revocation-feed.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { systemEntropy as entropy } from '../../shared/kernel/entropy.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { aRing, hourMs } from '../support/fakes/builders.ts'
import { notRun } from '../support/not-run.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { eventLogContract } from './event-log.ts'
import { eventLogFollowingContract } from './event-log-following.ts'
import { feedOver } from './feed-over.ts'
import { type FeedUnderTest, revocationFeedContract } from './revocation-feed.ts'

/** A log on topics of its own. They stay on the broker, which is the test's. */
const newPrefix = (): string => `contract-${entropy.bytes(6).toString('hex')}.`
const onFreshTopics = (
  brokers: readonly string[],
  topicPrefix: string = newPrefix(),
): Promise<EventLog> =>
  openKafkaLog({
    brokers,
    clientId: 'contract',
    topicPrefix,
    clock,
    entropy,
    logger,
    ssl: false,
    sasl: null,
    revocationRetentionMs: 24 * hourMs,
    eventPartitions: 3,
    role: 'writer',
  })

/** Read in a thread, written from here. */
const inAThread = async (brokers: readonly string[]): Promise<FeedUnderTest> => {
  const topicPrefix = newPrefix()
  const log = await onFreshTopics(brokers, topicPrefix)
  const ring = aRing()
  const access = { brokers, topicPrefix, ssl: false, sasl: null }
  const feed = kafkaRevocationFeed({ ...access, clientId: 'thread', logLevel: 'silent' }, ring)
  const close = async (): Promise<void> => {
    await feed.close()
    await log.close()
  }
  return { feed, ring, publish: (records) => log.publish(records), close }
}

const { kafka } = await useServers(['kafka'])
if (isMissing(kafka)) notRun('the contracts of the adapter kafka', kafka.missing)
else {
  const { brokers } = kafka
  eventLogContract('kafka', () => onFreshTopics(brokers))
  eventLogFollowingContract('kafka', () => onFreshTopics(brokers))
  revocationFeedContract('log-feed over kafka', async () => feedOver(await onFreshTopics(brokers)))
  revocationFeedContract('kafka in a thread', () => inAThread(brokers))
}
