import { lmdbUserDirectory } from '../adapters/lmdb/accounts/user-directory.ts'
import { lmdbAuditIndex } from '../adapters/lmdb/audit/audit-index.ts'
import type { LmdbEnvironment } from '../adapters/lmdb/environment/lmdb-environment.ts'
import { type OpenWriter, openLmdb } from '../adapters/lmdb/environment/open-lmdb.ts'
import {
  askSocketWriter,
  serveThreadWriter,
  startThreadWriter,
} from '../adapters/lmdb/environment/starting-writer.ts'
import { jointEventStore } from '../adapters/lmdb/joint/joint-event-store.ts'
import { type LmdbEventLog, lmdbEventLog } from '../adapters/lmdb/log/event-log.ts'
import { lmdbGuardRegistry } from '../adapters/lmdb/registries/guard-registry.ts'
import { lmdbPersonalKeys } from '../adapters/lmdb/registries/personal-keys.ts'
import { lmdbReceivers } from '../adapters/lmdb/registries/receivers.ts'
import { lmdbBlacklistView } from '../adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../adapters/lmdb/views/session-list.ts'
import { openMemoryRateLimits } from '../adapters/memory/rate-limits.ts'
import { retentionOf } from '../session/session-policy.ts'
import type { BackendOptions, Backends, LmdbWriter } from './backends.ts'
import { checkDataFolder, shareWithGroup } from './data-folder.ts'

const openWriterOf = (writer: LmdbWriter): OpenWriter => {
  if (writer.kind === 'socket') return askSocketWriter(writer.path)
  return writer.serves === undefined ? startThreadWriter : serveThreadWriter(writer.serves)
}

/** The ports of one machine, in a folder. @throws AuthError DATA_EXPOSED, DATA_INVALID. */
export const openEmbedded = async (options: BackendOptions): Promise<Backends> => {
  const { config, clock, logger, parts, longestLifetimeMs, lmdbWriter } = options
  const groupShares = config.groupAccess === 'write'
  await checkDataFolder(config.dataDir, config.groupAccess)
  const env: LmdbEnvironment = await parts.use(
    openLmdb({
      ...{ path: config.dataDir, clock, logger, groupShares },
      ...(lmdbWriter ? { openWriter: openWriterOf(lmdbWriter) } : {}),
    }),
  )
  if (groupShares) await shareWithGroup(config.dataDir)
  const revocationRetentionMs = retentionOf(longestLifetimeMs)
  const logs: LmdbEventLog[] = []
  return {
    store: () => jointEventStore(env, () => logs),
    tellsWithAppend: true,
    view: () => lmdbBlacklistView(env),
    sessions: () => lmdbSessionList(env),
    guards: () => lmdbGuardRegistry(env),
    directory: () => lmdbUserDirectory(env),
    limits: () => openMemoryRateLimits({ clock }),
    receivers: () => lmdbReceivers(env),
    audit: () => lmdbAuditIndex(env),
    personalKeys: () => lmdbPersonalKeys(env),
    trouble: () => null,
    log: async () => {
      const log = await parts.use(lmdbEventLog(env, { revocationRetentionMs }))
      logs.push(log)
      return log
    },
  }
}
