import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbUserDirectory } from '../../shared/adapters/lmdb/accounts/user-directory.ts'
import { lmdbEventStore } from '../../shared/adapters/lmdb/commits/event-store.ts'
import {
  type LmdbEnvironment,
  openLmdb,
} from '../../shared/adapters/lmdb/environment/lmdb-environment.ts'
import { lmdbEventLog } from '../../shared/adapters/lmdb/log/event-log.ts'
import { lmdbGuardRegistry } from '../../shared/adapters/lmdb/registries/guard-registry.ts'
import { lmdbReceivers } from '../../shared/adapters/lmdb/registries/receivers.ts'
import { lmdbBlacklistView } from '../../shared/adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../../shared/adapters/lmdb/views/session-list.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { hourMs } from '../support/fakes/builders.ts'
import { builtInManaged } from '../support/fakes/managed-credentials.ts'
import { closingWith } from '../support/processes/closing-with.ts'
import { blacklistViewContract } from './blacklist-view.ts'
import { credentialsContract } from './credentials.ts'
import { eventLogContract } from './event-log.ts'
import { eventLogFollowingContract } from './event-log-following.ts'
import { eventStoreContract } from './event-store.ts'
import { eventStoreListsContract } from './event-store-lists.ts'
import { eventStorePruningContract } from './event-store-pruning.ts'
import { eventStoreRelayContract } from './event-store-relay.ts'
import { eventStoreSessionsContract } from './event-store-sessions.ts'
import { eventStoreToldContract } from './event-store-told.ts'
import { feedOver } from './feed-over.ts'
import { guardRegistryContract } from './guard-registry.ts'
import { olderReceiversContract } from './older-receivers.ts'
import { receiversContract } from './receivers.ts'
import { revocationFeedContract } from './revocation-feed.ts'
import { sessionListContract } from './session-list.ts'
import { userDirectoryContract } from './user-directory.ts'

/** A port on an environment and a folder of its own, which go when it is closed. */
const onFreshFiles =
  <Port extends Closable>(make: (env: LmdbEnvironment) => Port) =>
  async (): Promise<Port> => {
    const path = await mkdtemp(join(tmpdir(), 'curfew-lmdb-'))
    const env = await openLmdb({ path, clock, logger })
    return closingWith(make(env), async () => {
      await env.close()
      await rm(path, { recursive: true, force: true })
    })
  }

const eventLog = (env: LmdbEnvironment) => lmdbEventLog(env, { revocationRetentionMs: 24 * hourMs })

eventStoreContract('lmdb', onFreshFiles(lmdbEventStore))
eventStoreRelayContract('lmdb', onFreshFiles(lmdbEventStore))
eventStoreToldContract('lmdb', onFreshFiles(lmdbEventStore))
eventStoreListsContract('lmdb', onFreshFiles(lmdbEventStore))
eventStoreSessionsContract('lmdb', onFreshFiles(lmdbEventStore))
eventStorePruningContract('lmdb', onFreshFiles(lmdbEventStore))
eventLogContract('lmdb', onFreshFiles(eventLog))
eventLogFollowingContract('lmdb', onFreshFiles(eventLog))
blacklistViewContract('lmdb', onFreshFiles(lmdbBlacklistView))
guardRegistryContract('lmdb', onFreshFiles(lmdbGuardRegistry))
receiversContract('lmdb', onFreshFiles(lmdbReceivers))
olderReceiversContract(
  'lmdb',
  onFreshFiles((env) => ({
    ...lmdbReceivers(env),
    put: (stored) => env.write(() => env.database('receivers').putSync(stored.id, stored)),
  })),
)
sessionListContract('lmdb', onFreshFiles(lmdbSessionList))
userDirectoryContract('lmdb', onFreshFiles(lmdbUserDirectory))
revocationFeedContract(
  'log-feed over lmdb',
  onFreshFiles((env) => feedOver(eventLog(env))),
)
credentialsContract(
  'built in, lmdb',
  onFreshFiles((env) => builtInManaged(lmdbUserDirectory(env))),
)
