import { mongoRateLimits } from '../adapters/mongo/accounts/rate-limits.ts'
import { mongoUserDirectory } from '../adapters/mongo/accounts/user-directory.ts'
import { mongoAuditIndex } from '../adapters/mongo/audit/audit-index.ts'
import { mongoEventStore } from '../adapters/mongo/commits/event-store.ts'
import { type MongoConnection, openMongo } from '../adapters/mongo/connection/mongo-connection.ts'
import { mongoGuardRegistry } from '../adapters/mongo/registries/guard-registry.ts'
import { mongoPersonalKeys } from '../adapters/mongo/registries/personal-keys.ts'
import { mongoReceivers } from '../adapters/mongo/registries/receivers.ts'
import { mongoBlacklistView } from '../adapters/mongo/views/blacklist-view.ts'
import { mongoSessionList } from '../adapters/mongo/views/session-list.ts'
import type { BackendOptions, Backends } from './backends.ts'
import { openKafka } from './open-kafka.ts'

/** The ports of one fleet, on Kafka and MongoDB. @throws AuthError CONFIG_INVALID */
export const openScale = async (options: BackendOptions): Promise<Backends> => {
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
    tellsWithAppend: false,
    view: () => mongoBlacklistView(connection),
    sessions: () => mongoSessionList(connection),
    guards: () => mongoGuardRegistry(connection),
    directory: () => mongoUserDirectory(connection),
    limits: () => mongoRateLimits(connection),
    receivers: () => mongoReceivers(connection),
    audit: () => mongoAuditIndex(connection),
    personalKeys: () => mongoPersonalKeys(connection),
    trouble: () => [...connection.indexTroubles.values()][0] ?? null,
    log: (role) => openKafka(options, role, mongoEventStore(connection)),
  }
}
