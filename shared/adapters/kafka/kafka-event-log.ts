import type { RawRecord, Topic } from '../../events/record.ts'
import { type AuthError, isAuthError } from '../../kernel/errors.ts'
import { within } from '../../kernel/retry.ts'
import type { EventLog, Following, FollowOptions, Partition } from '../../ports/event-log.ts'
import { type KafkaAccess, logUnavailable } from './kafka-client.ts'
import { followKafka } from './kafka-follower.ts'
import { type Link, LinkKeeper } from './kafka-link.ts'
import { kafkaPublisher } from './kafka-publisher.ts'

export type KafkaLogOptions = KafkaAccess &
  Readonly<{
    /** Put before the names of the topics on the broker, so that several fleets share one. */
    topicPrefix: string
    /** At least max(24 h, 2 × the longest token lifetime ever in force). */
    revocationRetentionMs: number
    /** For a topic that is created; one that exists keeps its number. */
    eventPartitions: number
    role: 'writer' | 'reader'
    /** Told of LOG_TOPIC_WRONG when the first contact comes after `openKafkaLog` returned. */
    onFatal?: (error: AuthError) => void
  }>

const startPatienceMs = 5_000
const queryPatienceMs = 3_000
const recordPatienceMs = 10_000
const closePatienceMs = 4_000

type Query = <T>(what: string, ask: (link: Link) => Promise<T>) => Promise<T>

const linkQuery =
  ({ clock }: KafkaAccess, keeper: LinkKeeper, onContact: (ok: boolean) => void): Query =>
  async (what, ask) => {
    const link = keeper.current()
    try {
      const answer = await within(clock, queryPatienceMs, ask(link), () => logUnavailable(what))
      onContact(true)
      return answer
    } catch (error) {
      // A topic that was deleted poisons kafkajs's metadata until the client is made anew.
      keeper.discard(link)
      onContact(false)
      throw isAuthError(error) ? error : logUnavailable(what, error)
    }
  }

type Bounds = Awaited<ReturnType<EventLog['bounds']>>

const readBounds =
  (query: Query, prefix: string) =>
  ({ topic, partition }: Partition): Promise<Bounds> =>
    query(`bounds of ${topic}`, async ({ admin }) => {
      const offsets = await admin.fetchTopicOffsets(prefix + topic)
      const found = offsets.find((entry) => entry.partition === partition)
      if (!found) throw logUnavailable(`${topic} has no partition ${partition}`)
      return { start: Number(found.low), end: Number(found.high) }
    })

/** Reads from `offset` until the first batch, which shows whether the record is there. */
const readRecord = async (
  { clock }: KafkaAccess,
  follow: (options: FollowOptions) => Following,
  wanted: Partition,
  offset: number,
): Promise<RawRecord | null> => {
  let following: Following | null = null
  const reading = new Promise<RawRecord | null>((resolve) => {
    following = follow({
      topics: [wanted.topic],
      group: null,
      resumeAt: ({ partition }) =>
        Promise.resolve(partition === wanted.partition ? offset : Number.MAX_SAFE_INTEGER),
      onBatch: ({ partition, records }) => {
        if (partition !== wanted.partition) return Promise.resolve()
        resolve(records.find((record) => record.offset === offset) ?? null)
        return Promise.resolve()
      },
    })
  })
  const late = (): Error => logUnavailable(`record ${offset} of ${wanted.topic}`)
  try {
    return await within(clock, recordPatienceMs, reading, late)
  } finally {
    void (following as Following | null)?.stop()
  }
}

/** Waits for the first contact, at most 5 s; a broker that is down must not stop the start. */
const awaitFirstContact = async (options: KafkaLogOptions, keeper: LinkKeeper): Promise<void> => {
  const late = (): Error => logUnavailable('first contact')
  try {
    await within(options.clock, startPatienceMs, keeper.firstAttempt, late)
  } catch (error) {
    if (!isAuthError(error, 'LOG_TOPIC_WRONG')) {
      options.logger.warn({ brokers: options.brokers }, 'event log not reached; trying on')
      return
    }
    await keeper.close()
    throw error
  }
}

/**
 * The event log on Apache Kafka, by kafkajs: plain acks=-1, at least once. A writer creates the
 * topics that are missing and checks those that exist; a reader checks partitions only. While the
 * broker is away `publish` rejects at once, `healthy()` is false, and connecting goes on with
 * backoff (1 s).
 * @throws AuthError LOG_TOPIC_WRONG when the broker answers within 5 s and its topics would lose
 * revocations
 */
export const openKafkaLog = async (options: KafkaLogOptions): Promise<EventLog> => {
  const { topicPrefix: prefix, clock, logger, role } = options
  const contact = { succeeded: false }
  const onContact = (succeeded: boolean): void => {
    contact.succeeded = succeeded
  }
  let isOpen = false
  const onFatal = (error: AuthError): void => {
    logger.error({ error }, 'topics are wrong')
    if (isOpen) options.onFatal?.(error)
  }
  const told = new Set<string>()
  const onWarning = (warning: string): void => {
    // The topics are looked at again after each reconnect.
    if (!told.has(warning)) logger.warn({}, warning)
    told.add(warning)
  }
  const plan = { ...options, prefix, bootstrap: options.brokers.join(','), onWarning }
  const keeper = new LinkKeeper({ access: options, plan, role, onFatal, onContact })
  await awaitFirstContact(options, keeper)
  isOpen = true

  const followings = new Set<Following>()
  const follow = (wanted: FollowOptions): Following => {
    const following = followKafka({ access: options, prefix, onContact }, wanted)
    const tracked: Following = {
      stop: async () => {
        await following.stop()
        followings.delete(tracked)
      },
    }
    followings.add(tracked)
    return tracked
  }
  const query = linkQuery(options, keeper, onContact)
  const bounds = readBounds(query, prefix)
  return {
    publish: kafkaPublisher({ clock, keeper, prefix, onContact }),
    partitions: (topic: Topic) =>
      query(`partitions of ${topic}`, async ({ admin }) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [prefix + topic] })
        return topics[0]?.partitions.length ?? 0
      }),
    bounds,
    recordAt: async (partition, offset) => {
      const { start, end } = await bounds(partition)
      if (offset < start || offset >= end) return null
      return readRecord(options, follow, partition, offset)
    },
    follow: (wanted) => Promise.resolve(follow(wanted)),
    healthy: () => keeper.isUp() && contact.succeeded,
    close: async () => {
      const stopped = Promise.allSettled([...followings].map((following) => following.stop()))
      const parts = Promise.all([stopped, keeper.close()])
      await within(clock, closePatienceMs, parts, () => logUnavailable('close')).catch(() => {})
    },
  }
}
