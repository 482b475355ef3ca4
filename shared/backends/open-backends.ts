import { openKafkaLog } from '../adapters/kafka/kafka-event-log.ts'
import { lmdbUserDirectory } from '../adapters/lmdb/accounts/user-directory.ts'
import { lmdbEventStore } from '../adapters/lmdb/commits/event-store.ts'
import type { LmdbEnvironment } from '../adapters/lmdb/environment/lmdb-environment.ts'
import { openLmdb } from '../adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../adapters/lmdb/log/event-log.ts'
import { lmdbGuardRegistry } from '../adapters/lmdb/registries/guard-registry.ts'
import { lmdbReceivers } from '../adapters/lmdb/registries/receivers.ts'
import { lmdbBlacklistView } from '../adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../adapters/lmdb/views/session-list.ts'
import { openMemoryRateLimits } from '../adapters/memory/rate-limits.ts'
import { mongoRateLimits } from '../adapters/mongo/accounts/rate-limits.ts'
import { mongoUserDirectory } from '../adapters/mongo/accounts/user-directory.ts'
import { mongoEventStore } from '../adapters/mongo/commits/event-store.ts'
import { type MongoConnection, openMongo } from '../adapters/mongo/connection/mongo-connection.ts'
import { mongoGuardRegistry } from '../adapters/mongo/registries/guard-registry.ts'
import { mongoReceivers } from '../adapters/mongo/registries/receivers.ts'
import { mongoBlacklistView } from '../adapters/mongo/views/blacklist-view.ts'
import { mongoSessionList } from '../adapters/mongo/views/session-list.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Entropy } from '../kernel/entropy.ts'
import { AuthError } from '../kernel/errors.ts'
import type { Lifecycle } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { BlacklistView } from '../ports/blacklist-view.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { EventStore } from '../ports/event-store.ts'
import type { GuardRegistry } from '../ports/guard-registry.ts'
import type { RateLimits } from '../ports/rate-limits.ts'
import type { Receivers } from '../ports/receivers.ts'
import type { SessionList } from '../ports/session-list.ts'
import type { UserDirectory } from '../ports/user-directory.ts'
import { type BackendConfig, isAtScale, kafkaAccessOf } from './config.ts'
import { checkDataFolder, shareWithGroup } from './data-folder.ts'

export type BackendOptions = Readonly<{
  config: BackendConfig
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** Everything opened here is closed by it, in reverse. */
  parts: Lifecycle
  /** Shown to the broker. */
  service: string
  /** In the names of Kafka groups. */
  fleet?: string | undefined
  /**
   * The longest access or sliding lifetime of this process; retention of revocations follows from
   * it.
   */
  longestLifetimeMs: number
  /** The gateways': a fleet's first start on topics that lose what is published is refused. */
  refusesWrongTopics?: boolean
  /** Whether an embedded store is written by a thread of its own; a short command needs none. */
  writerThread?: boolean
}>

/** The ports of one machine or one fleet; each is opened when first asked for. */
export interface Backends {
  store(): EventStore
  view(): BlacklistView
  sessions(): SessionList
  guards(): GuardRegistry
  directory(): UserDirectory
  limits(): RateLimits
  receivers(): Receivers
  /** What the store lacks and no waiting mends, such as indexes that it refuses to make. */
  trouble(): AuthError | null
  log(role: 'writer' | 'projector' | 'reader'): Promise<EventLog>
}

const dayMs = 86_400_000
const eventPartitions = 12
/** Never less than a day, so that a guard that was down for a night starts from the log. */
const retentionOf = (longestLifetimeMs: number): number => Math.max(dayMs, 2 * longestLifetimeMs)

/** @throws AuthError DATA_EXPOSED, DATA_INVALID, CONFIG_INVALID, LOG_TOPIC_WRONG. */
export const openBackends = async (options: BackendOptions): Promise<Backends> =>
  isAtScale(options.config) ? openScale(options) : openEmbedded(options)

const openEmbedded = async (options: BackendOptions): Promise<Backends> => {
  const { config, clock, logger, parts, longestLifetimeMs, writerThread = false } = options
  if (config.kafkaBrokers.length > 0) return kafkaOnly(options)
  const groupShares = config.groupAccess === 'write'
  await checkDataFolder(config.dataDir, config.groupAccess)
  const env: LmdbEnvironment = await parts.use(
    openLmdb({ path: config.dataDir, clock, logger, groupShares, writerThread }),
  )
  if (groupShares) await shareWithGroup(config.dataDir)
  const revocationRetentionMs = retentionOf(longestLifetimeMs)
  return {
    store: () => lmdbEventStore(env),
    view: () => lmdbBlacklistView(env),
    sessions: () => lmdbSessionList(env),
    guards: () => lmdbGuardRegistry(env),
    directory: () => lmdbUserDirectory(env),
    limits: () => openMemoryRateLimits({ clock }),
    receivers: () => lmdbReceivers(env),
    trouble: () => null,
    log: async () => parts.use(lmdbEventLog(env, { revocationRetentionMs })),
  }
}

/**
 * A store that names no log has never published. One that does not answer is no reason to refuse a
 * start either.
 */
const namesNoLog = async (store: EventStore): Promise<boolean> => {
  const scan = await store.relayScan(1).catch(() => null)
  return scan !== null && scan.tick.logId === null
}

const openKafka = (
  options: BackendOptions,
  role: Parameters<Backends['log']>[0],
  store: EventStore | null,
): Promise<EventLog> => {
  const { config, clock, entropy, logger, parts, service, longestLifetimeMs } = options
  const isRefused = store !== null && options.refusesWrongTopics === true
  return parts.use(
    openKafkaLog({
      ...kafkaAccessOf(config),
      clientId: `curfew-${service}`,
      clock,
      entropy,
      logger,
      revocationRetentionMs: retentionOf(longestLifetimeMs),
      eventPartitions,
      role,
      ...(options.fleet === undefined ? {} : { fleet: options.fleet }),
      ...(isRefused ? { isFirstStart: () => namesNoLog(store) } : {}),
    }),
  )
}

const openScale = async (options: BackendOptions): Promise<Backends> => {
  const { config, clock, logger, parts } = options
  const connection: MongoConnection = await parts.use(
    openMongo({
      url: config.mongodbUrl ?? '',
      database: config.mongodbDatabase,
      timeoutMs: config.storeTimeoutMs,
      logger,
      clock,
    }),
  )
  return {
    store: () => mongoEventStore(connection),
    view: () => mongoBlacklistView(connection),
    sessions: () => mongoSessionList(connection),
    guards: () => mongoGuardRegistry(connection),
    directory: () => mongoUserDirectory(connection),
    limits: () => mongoRateLimits(connection),
    receivers: () => mongoReceivers(connection),
    trouble: () => [...connection.indexTroubles.values()][0] ?? null,
    log: (role) => openKafka(options, role, mongoEventStore(connection)),
  }
}

const missing = (): never => {
  throw new AuthError('CONFIG_INVALID', 'CURFEW_MONGODB_URL is not set')
}

/** A service with a guard reads the log and nothing else. */
const kafkaOnly = (options: BackendOptions): Backends => ({
  store: missing,
  view: missing,
  sessions: missing,
  guards: missing,
  directory: missing,
  limits: missing,
  receivers: missing,
  trouble: () => null,
  log: (role) => openKafka(options, role, null),
})
