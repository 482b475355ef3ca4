import { mongoRateLimits } from '../../shared/adapters/mongo/accounts/rate-limits.ts'
import { mongoUserDirectory } from '../../shared/adapters/mongo/accounts/user-directory.ts'
import { mongoAuditIndex } from '../../shared/adapters/mongo/audit/audit-index.ts'
import { mongoEventStore } from '../../shared/adapters/mongo/commits/event-store.ts'
import {
  type MongoConnection,
  openMongo,
} from '../../shared/adapters/mongo/connection/mongo-connection.ts'
import { mongoGuardRegistry } from '../../shared/adapters/mongo/registries/guard-registry.ts'
import { mongoPersonalKeys } from '../../shared/adapters/mongo/registries/personal-keys.ts'
import { mongoReceivers } from '../../shared/adapters/mongo/registries/receivers.ts'
import { mongoBlacklistView } from '../../shared/adapters/mongo/views/blacklist-view.ts'
import { mongoSessionList } from '../../shared/adapters/mongo/views/session-list.ts'
import { systemEntropy } from '../../shared/kernel/entropy.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { unlogged } from '../support/fakes/audit-records.ts'
import { builtInManaged } from '../support/fakes/managed-credentials.ts'
import { notRun } from '../support/not-run.ts'
import { closingWith } from '../support/processes/closing-with.ts'
import { isMissing, useServers } from '../support/servers/servers.ts'
import { auditIndexContract } from './audit-index.ts'
import { auditQueriesOf } from './audit-queries.ts'
import { blacklistViewContract } from './blacklist-view.ts'
import { credentialsContract } from './credentials.ts'
import { eventStoreContract } from './event-store.ts'
import { eventStoreListsContract } from './event-store-lists.ts'
import { eventStorePruningContract } from './event-store-pruning.ts'
import { eventStoreRelayContract } from './event-store-relay.ts'
import { eventStoreSessionsContract } from './event-store-sessions.ts'
import { eventStoreToldContract } from './event-store-told.ts'
import { guardRegistryContract } from './guard-registry.ts'
import { olderReceiversContract } from './older-receivers.ts'
import { personalKeysContract } from './personal-keys.ts'
import { rateLimitsContract } from './rate-limits.ts'
import { receiversContract } from './receivers.ts'
import { sessionListContract } from './session-list.ts'
import { userDirectoryContract } from './user-directory.ts'

/** A port on a connection and a database of its own, which go when it is closed. */
const onFreshDatabase =
  <Port extends Closable>(url: string, make: (connection: MongoConnection) => Port) =>
  async (): Promise<Port> => {
    const database = `contract-${systemEntropy.bytes(6).toString('hex')}`
    // 50 racing callers queue for seconds on a slow server; how a timeout is answered is tested
    // elsewhere.
    const connection = await openMongo({ url, database, timeoutMs: 30_000, logger })
    return closingWith(make(connection), async () => {
      await connection.db.dropDatabase()
      await connection.close()
    })
  }

const { mongo } = await useServers(['mongo'])
if (isMissing(mongo)) notRun('the contracts of the adapter mongo', mongo.missing)
else {
  const { url } = mongo
  eventStoreContract('mongo', onFreshDatabase(url, mongoEventStore))
  eventStoreRelayContract('mongo', onFreshDatabase(url, mongoEventStore))
  eventStoreToldContract('mongo', onFreshDatabase(url, mongoEventStore))
  eventStoreListsContract('mongo', onFreshDatabase(url, mongoEventStore))
  eventStoreSessionsContract('mongo', onFreshDatabase(url, mongoEventStore))
  eventStorePruningContract('mongo', onFreshDatabase(url, mongoEventStore))
  blacklistViewContract('mongo', onFreshDatabase(url, mongoBlacklistView))
  auditIndexContract(
    'mongo',
    onFreshDatabase(url, (connection) =>
      Object.assign(unlogged(mongoAuditIndex(connection)), { pagesMax: 12 }),
    ),
  )
  // Fewer than on LMDB, whose pages are joined by the same code. `QUERIES=60` asks as many.
  auditQueriesOf(Number(process.env['QUERIES'] ?? 24))(
    'mongo',
    onFreshDatabase(url, (connection) => unlogged(mongoAuditIndex(connection))),
  )
  guardRegistryContract('mongo', onFreshDatabase(url, mongoGuardRegistry))
  personalKeysContract('mongo', onFreshDatabase(url, mongoPersonalKeys))
  receiversContract('mongo', onFreshDatabase(url, mongoReceivers))
  olderReceiversContract(
    'mongo',
    onFreshDatabase(url, (connection) => ({
      ...mongoReceivers(connection),
      put: ({ id, ...rest }) =>
        connection.db.collection<{ _id: string }>('receivers').insertOne({ _id: id, ...rest }),
    })),
  )
  sessionListContract('mongo', onFreshDatabase(url, mongoSessionList))
  userDirectoryContract('mongo', onFreshDatabase(url, mongoUserDirectory))
  credentialsContract(
    'built in, mongo',
    onFreshDatabase(url, (connection) => builtInManaged(mongoUserDirectory(connection))),
  )
  rateLimitsContract(
    'mongo',
    onFreshDatabase(url, (connection) => mongoRateLimits(connection)),
  )
}
