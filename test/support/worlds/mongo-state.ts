import { mongoUserDirectory } from '../../../shared/adapters/mongo/accounts/user-directory.ts'
import { mongoAuditIndex } from '../../../shared/adapters/mongo/audit/audit-index.ts'
import { mongoEventStore } from '../../../shared/adapters/mongo/commits/event-store.ts'
import type { MongoConnection } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoGuardRegistry } from '../../../shared/adapters/mongo/registries/guard-registry.ts'
import { mongoPersonalKeys } from '../../../shared/adapters/mongo/registries/personal-keys.ts'
import { mongoReceivers } from '../../../shared/adapters/mongo/registries/receivers.ts'
import { mongoSessionList } from '../../../shared/adapters/mongo/views/session-list.ts'
import type { StatePorts } from './world-backing.ts'

export { openMongo } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'

/** What one gateway has in MongoDB. */
export const mongoState = (connection: MongoConnection): Omit<StatePorts, 'limits' | 'log'> => ({
  store: mongoEventStore(connection),
  directory: mongoUserDirectory(connection),
  sessions: mongoSessionList(connection),
  guards: mongoGuardRegistry(connection),
  receivers: mongoReceivers(connection),
  audit: mongoAuditIndex(connection),
  personalKeys: mongoPersonalKeys(connection),
})
