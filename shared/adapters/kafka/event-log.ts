import type { Admin } from 'kafkajs'
import type { RawRecord, Topic } from '../../events/log-record.ts'
import { type AuthError, isAuthError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { withTimeout } from '../../kernel/retry.ts'
import type { EventLog, Following, FollowOptions, Partition } from '../../ports/event-log.ts'
import { AuthorizationFailures } from './authorization/authorization-failures.ts'
import type { LogRole } from './authorization/needed-acls.ts'
import { type KafkaAccess, logUnavailable } from './client/kafka-client.ts'
import { isBrokerAnswer } from './connection/is-broker-answer.ts'
import { ConnectionKeeper, type KafkaConnection } from './connection/kafka-connection.ts'
import type { PublisherParts } from './publishing/kafka-publisher.ts'
import type { Send } from './publishing/produce-lanes.ts'
import { followKafka } from './reading/kafka-follower.ts'
import { endsBelow } from './reading/log-truncation-check.ts'
import { trackFollowings } from './reading/tracked-followings.ts'
import { checkAllTopics, type TopicsFound } from './topics/check-topics.ts'
import { topicOffsets } from './topics/topic-offsets.ts'
import type { TopicPlan } from './topics/topic-plan.ts'
import { TopicWatch, topicsWrong, watchEveryMs } from './topics/topic-watch.ts'

export type KafkaLogOptions = KafkaAccess &
  Readonly<{
    /** Put before the names of the topics on the broker, so that several fleets share one. */
    topicPrefix: string
    /** At least max(24 h, 2 × the longest token lifetime ever in force). */
    revocationRetentionMs: number
    /** For a topic that is created; one that exists keeps its number. */
    eventPartitions: number
    /** `projector`: reads, and parks what cannot be read; it makes and changes no topic. */
    role: TopicPlan['role']
    /**
     * Asked when the first contact shows topics that lose what is published: only a fleet's first
     * start is refused for it. Without it none is.
     */
    isFirstStart?: () => Promise<boolean>
    /** In a thread whose host tells what it hears; without it denials are logged here. */
    tellsDenials?: boolean
    /** How often the topics' settings are looked at beside each reconnect; a minute without it. */
    watchEveryMs?: number
  }>

const rolesOf: Readonly<Record<TopicPlan['role'], readonly LogRole[]>> = {
  writer: ['gateway'],
  projector: ['projector', 'feed'],
  auditor: ['auditor'],
  reader: ['guard'],
}

const startPatienceMs = 5_000
const queryPatienceMs = 3_000
const recordPatienceMs = 10_000
const closePatienceMs = 4_000

type Query = <T>(what: string, ask: (connection: KafkaConnection) => Promise<T>) => Promise<T>

const linkQuery =
  (
    { clock }: KafkaAccess,
    { keeper, denials }: Readonly<{ keeper: ConnectionKeeper; denials: AuthorizationFailures }>,
    onContact: (ok: boolean) => void,
  ): Query =>
  async (what, ask) => {
    const connection = keeper.current()
    try {
      const answer = await withTimeout(clock, queryPatienceMs, ask(connection), () =>
        logUnavailable(what),
      )
      onContact(true)
      return answer
    } catch (error) {
      const failure = denials.failure(error, { what })
      // A topic that was deleted poisons kafkajs's metadata until the client is made anew.
      if (!isBrokerAnswer(failure)) keeper.discard(connection)
      onContact(false)
      throw failure
    }
  }

type Bounds = Awaited<ReturnType<EventLog['bounds']>>

/** Why the bounds of a topic cannot be had, where more is known than what kafkajs says. */
type Explain = (admin: Admin, topic: string, error: unknown) => Promise<AuthError | null>

const readBounds =
  (query: Query, prefix: string, explain: Explain) =>
  ({ topic, partition }: Partition): Promise<Bounds> =>
    query(`bounds of ${topic}`, async ({ admin }) => {
      const offsets = await topicOffsets(admin, prefix + topic).catch(async (error: unknown) => {
        throw (await explain(admin, prefix + topic, error).catch(() => null)) ?? error
      })
      const found = offsets.find((entry) => entry.partition === partition)
      if (!found) throw logUnavailable(`${topic} has no partition ${partition}`)
      return { start: Number(found.low), end: Number(found.high) }
    })

/**
 * An end that went back means a topic that was made again, by whoever and with whatever settings:
 * they are looked at before the answer is used.
 */
const watchedBounds = (read: EventLog['bounds'], watch: TopicWatch): EventLog['bounds'] => {
  const ends = new Map<string, number>()
  return async (wanted) => {
    const bounds = await read(wanted)
    const place = `${wanted.topic}/${wanted.partition}`
    if (bounds.end < (ends.get(place) ?? 0)) await watch.lookNow()
    ends.set(place, bounds.end)
    return bounds
  }
}

/** Reads from `offset` until the first batch, which shows whether the record is there. */
const readRecord = async (
  { clock }: KafkaAccess,
  follow: (options: FollowOptions) => Following,
  wanted: Partition,
  offset: number,
): Promise<RawRecord | null> => {
  let following: Following | null = null
  const reading = new Promise<RawRecord | null>((resolve, reject) => {
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
      onTrouble: (error) => {
        if (isAuthError(error, 'LOG_DENIED')) reject(error)
      },
    })
  })
  const late = (): Error => logUnavailable(`record ${offset} of ${wanted.topic}`)
  try {
    return await withTimeout(clock, recordPatienceMs, reading, late)
  } finally {
    void (following as Following | null)?.stop()
  }
}

/**
 * Waits for the first contact, at most 5 s; a broker that is down must not stop the start. Nor must
 * topics that were good once: whoever comes back into such a fleet serves what it can.
 */
const awaitFirstContact = async (
  options: KafkaLogOptions,
  keeper: ConnectionKeeper,
  watch: TopicWatch,
): Promise<void> => {
  const late = (): Error => logUnavailable('first contact')
  try {
    await withTimeout(options.clock, startPatienceMs, keeper.firstAttempt, late)
  } catch {
    options.logger.warn({ brokers: options.brokers }, 'event log not reached; trying on')
    return
  }
  const grave = watch.mistakes().filter((mistake) => mistake.grave)
  if (grave.length === 0 || !(await options.isFirstStart?.())) return
  await keeper.close()
  throw topicsWrong(grave)
}

const mistakesSeen = async (admin: Admin, plan: TopicPlan): Promise<TopicsFound['mistakes']> => {
  const { mistakes, denied } = await checkAllTopics(admin, plan)
  plan.denials.looked(denied)
  return mistakes
}

/** The topics are looked at again and again. */
const warningsOnce = (logger: Logger): ((warning: string) => void) => {
  const told = new Set<string>()
  return (warning) => {
    if (!told.has(warning)) logger.warn({}, warning)
    told.add(warning)
  }
}

/** What `openKafkaLog` gives, with a way to publish that somebody else makes. */
export const kafkaEventLog = async (
  options: KafkaLogOptions,
  publisher: (parts: PublisherParts) => Send,
  explain: Explain = async () => null,
): Promise<EventLog> => {
  const { topicPrefix: prefix, clock, logger } = options
  let hasContact = false
  const onContact = (succeeded: boolean): void => {
    hasContact = succeeded
  }
  const denials = new AuthorizationFailures({
    access: options,
    roles: rolesOf[options.role],
    isTold: options.tellsDenials !== false,
  })
  const bootstrap = options.brokers.join(',')
  const plan = { ...options, prefix, bootstrap, onWarning: warningsOnce(logger), denials }
  const watch: TopicWatch = new TopicWatch({
    clock,
    logger,
    everyMs: options.watchEveryMs ?? watchEveryMs,
    look: () => query('topics', ({ admin }) => mistakesSeen(admin, plan)),
  })
  const onTopics = ({ mistakes, denied }: TopicsFound): void => {
    denials.looked(denied)
    watch.note(mistakes)
  }
  const keeper = new ConnectionKeeper({ access: options, plan, onTopics, onContact })
  const query = linkQuery(options, { keeper, denials }, onContact)
  await awaitFirstContact(options, keeper, watch)
  watch.start()
  const bounds = watchedBounds(readBounds(query, prefix, explain), watch)
  const isShorter = endsBelow(clock, bounds)
  const parts = { access: options, prefix, denials, endsBelow: isShorter, onContact }
  const followings = new Set<Following>()
  const follow = trackFollowings(followings, (wanted) => followKafka(parts, wanted))
  return {
    publish: publisher({ clock, logger, keeper, watch, denials, prefix, onContact }),
    partitions: (topic: Topic) =>
      query(`partitions of ${topic}`, async ({ admin }) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [prefix + topic] })
        return topics[0]?.partitions.length ?? 0
      }),
    bounds,
    endsBelow: isShorter,
    recordAt: async (partition, offset) => {
      const { start, end } = await bounds(partition)
      if (offset < start || offset >= end) return null
      return readRecord(options, follow, partition, offset)
    },
    follow: (wanted) => Promise.resolve(follow(wanted)),
    healthy: () => keeper.isUp() && hasContact,
    mistakes: () => watch.mistakes(),
    denials: () => denials.current(),
    close: async () => {
      const stopped = Promise.allSettled([...followings].map((following) => following.stop()))
      const parts = Promise.all([stopped, watch.close(), keeper.close()])
      await withTimeout(clock, closePatienceMs, parts, () => logUnavailable('close')).catch(
        () => {},
      )
    },
  }
}
