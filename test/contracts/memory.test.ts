import { chunkedAuditIndex } from '../../shared/adapters/audit-chunks/chunked-audit-index.ts'
import { openMemoryAuditIndex } from '../../shared/adapters/memory/audit-index.ts'
import { openMemoryBlacklistView } from '../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../shared/adapters/memory/event-store.ts'
import { openMemoryGuardRegistry } from '../../shared/adapters/memory/guard-registry.ts'
import { openMemoryPersonalKeys } from '../../shared/adapters/memory/personal-keys.ts'
import { openMemoryRateLimits } from '../../shared/adapters/memory/rate-limits.ts'
import { openMemoryReceivers } from '../../shared/adapters/memory/receivers.ts'
import { openMemorySessionList } from '../../shared/adapters/memory/session-list.ts'
import { openMemoryUserDirectory } from '../../shared/adapters/memory/user-directory.ts'
import { systemClock as clock } from '../../shared/kernel/clock.ts'
import { unlogged } from '../support/fakes/audit-records.ts'
import { builtInManaged } from '../support/fakes/managed-credentials.ts'
import { memoryChunkTables } from '../support/fakes/memory-chunk-tables.ts'
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
import { personalKeysContract } from './personal-keys.ts'
import { rateLimitsContract } from './rate-limits.ts'
import { receiversContract } from './receivers.ts'
import { revocationFeedContract } from './revocation-feed.ts'
import { sessionListContract } from './session-list.ts'
import { userDirectoryContract } from './user-directory.ts'

eventStoreContract('memory', async () => openMemoryEventStore({ clock }))
eventStoreRelayContract('memory', async () => openMemoryEventStore({ clock }))
eventStoreToldContract('memory', async () => openMemoryEventStore({ clock }))
eventStoreListsContract('memory', async () => openMemoryEventStore({ clock }))
eventStoreSessionsContract('memory', async () => openMemoryEventStore({ clock }))
eventStorePruningContract('memory', async () => openMemoryEventStore({ clock }))
eventLogContract('memory', async () => openMemoryEventLog())
eventLogFollowingContract('memory', async () => openMemoryEventLog())
blacklistViewContract('memory', async () => openMemoryBlacklistView())
auditIndexContract('memory', async () => unlogged(openMemoryAuditIndex()))
auditIndexContract('audit-chunks over memory', async () =>
  unlogged(chunkedAuditIndex(memoryChunkTables())),
)
auditQueriesContract('memory', async () => unlogged(openMemoryAuditIndex()))
auditQueriesContract('audit-chunks over memory', async () =>
  unlogged(chunkedAuditIndex(memoryChunkTables())),
)
guardRegistryContract('memory', async () => openMemoryGuardRegistry())
personalKeysContract('memory', async () => openMemoryPersonalKeys())
receiversContract('memory', async () => openMemoryReceivers())
sessionListContract('memory', async () => openMemorySessionList())
userDirectoryContract('memory', async () => openMemoryUserDirectory())
rateLimitsContract('memory', async () => openMemoryRateLimits({ clock }))
revocationFeedContract('log-feed over memory', async () => feedOver(openMemoryEventLog()))
credentialsContract('built in, memory', async () => builtInManaged(openMemoryUserDirectory()))
