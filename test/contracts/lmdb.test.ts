import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbUserDirectory } from '../../shared/adapters/lmdb/accounts/user-directory.ts'
import { lmdbAuditIndex } from '../../shared/adapters/lmdb/audit/audit-index.ts'
import { lmdbEventStore } from '../../shared/adapters/lmdb/commits/event-store.ts'
import type { LmdbEnvironment } from '../../shared/adapters/lmdb/environment/lmdb-environment.ts'
import { openLmdb } from '../../shared/adapters/lmdb/environment/open-lmdb.ts'
import {
  askSocketWriter,
  serveThreadWriter,
} from '../../shared/adapters/lmdb/environment/starting-writer.ts'
import { lmdbEventLog } from '../../shared/adapters/lmdb/log/event-log.ts'
import { lmdbGuardRegistry } from '../../shared/adapters/lmdb/registries/guard-registry.ts'
import { lmdbPersonalKeys } from '../../shared/adapters/lmdb/registries/personal-keys.ts'
import { lmdbReceivers } from '../../shared/adapters/lmdb/registries/receivers.ts'
import { lmdbWitnessedHeads } from '../../shared/adapters/lmdb/registries/witnessed-heads.ts'
import { lmdbBlacklistView } from '../../shared/adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../../shared/adapters/lmdb/views/session-list.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../shared/kernel/logger.ts'
import { logged } from '../support/fakes/audit-records.ts'
import { hourMs } from '../support/fakes/builders.ts'
import { builtInManaged } from '../support/fakes/managed-credentials.ts'
import { closingWith } from '../support/processes/closing-with.ts'
import { byThread } from '../support/worlds/lmdb-writers.ts'
import { auditIndexContract } from './audit-index.ts'
import { auditQueriesContract } from './audit-queries.ts'
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
import { personalKeysContract } from './personal-keys.ts'
import { receiversContract } from './receivers.ts'
import { revocationFeedContract } from './revocation-feed.ts'
import { sessionListContract } from './session-list.ts'
import { userDirectoryContract } from './user-directory.ts'
import { witnessedHeadsContract } from './witnessed-heads.ts'

/** A port on an environment and a folder of its own, which go when it is closed. */
type OnFreshFiles = <Port extends Closable>(
  make: (env: LmdbEnvironment) => Port,
) => () => Promise<Port>

const freshFiles =
  (writerThread: boolean): OnFreshFiles =>
  (make) =>
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'curfew-lmdb-'))
    const env = await openLmdb({ path, clock, logger, ...(writerThread ? byThread : {}) })
    return closingWith(make(env), async () => {
      await env.close()
      await rm(path, { recursive: true, force: true })
    })
  }

/** The port asks over a socket, as another process would. */
const overSocket: OnFreshFiles = (make) => async () => {
  const path = await mkdtemp(join(tmpdir(), 'curfew-lmdb-'))
  const socket = join(path, 'writer')
  const files = { path, clock, logger }
  const serving = await openLmdb({ ...files, openWriter: serveThreadWriter(socket) })
  const env = await openLmdb({ ...files, openWriter: askSocketWriter(socket) })
  return closingWith(make(env), async () => {
    await env.close()
    await serving.close()
    await rm(path, { recursive: true, force: true })
  })
}

const eventLog = (env: LmdbEnvironment) => lmdbEventLog(env, { revocationRetentionMs: 24 * hourMs })

const contracts = (name: string, onFreshFiles: OnFreshFiles): void => {
  eventStoreContract(name, onFreshFiles(lmdbEventStore))
  eventStoreRelayContract(name, onFreshFiles(lmdbEventStore))
  eventStoreToldContract(name, onFreshFiles(lmdbEventStore))
  eventStoreListsContract(name, onFreshFiles(lmdbEventStore))
  eventStoreSessionsContract(name, onFreshFiles(lmdbEventStore))
  eventStorePruningContract(name, onFreshFiles(lmdbEventStore))
  eventLogContract(name, onFreshFiles(eventLog))
  eventLogFollowingContract(name, onFreshFiles(eventLog))
  blacklistViewContract(name, onFreshFiles(lmdbBlacklistView))
  auditIndexContract(
    name,
    onFreshFiles((env) => logged(lmdbAuditIndex(env), eventLog(env))),
  )
  auditQueriesContract(
    name,
    onFreshFiles((env) => logged(lmdbAuditIndex(env), eventLog(env))),
  )
  guardRegistryContract(name, onFreshFiles(lmdbGuardRegistry))
  personalKeysContract(name, onFreshFiles(lmdbPersonalKeys))
  receiversContract(name, onFreshFiles(lmdbReceivers))
  witnessedHeadsContract(name, onFreshFiles(lmdbWitnessedHeads))
  sessionListContract(name, onFreshFiles(lmdbSessionList))
  userDirectoryContract(name, onFreshFiles(lmdbUserDirectory))
}

const inline = freshFiles(false)
contracts('lmdb', inline)
contracts('lmdb, writer thread', freshFiles(true))
contracts('lmdb, thread of another process', overSocket)
olderReceiversContract(
  'lmdb',
  inline((env) => ({
    ...lmdbReceivers(env),
    put: async (stored) => void (await env.database('receivers').put(stored.id, stored)),
  })),
)
revocationFeedContract(
  'log-feed over lmdb',
  inline((env) => feedOver(eventLog(env))),
)
credentialsContract(
  'built in, lmdb',
  inline((env) => builtInManaged(lmdbUserDirectory(env))),
)
