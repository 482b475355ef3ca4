import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbUserDirectory } from '../../../shared/adapters/lmdb/accounts/user-directory.ts'
import { lmdbEventStore } from '../../../shared/adapters/lmdb/commits/event-store.ts'
import type { LmdbEnvironment } from '../../../shared/adapters/lmdb/environment/lmdb-environment.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../shared/adapters/lmdb/log/event-log.ts'
import { lmdbBlacklistView } from '../../../shared/adapters/lmdb/views/blacklist-view.ts'
import { lmdbSessionList } from '../../../shared/adapters/lmdb/views/session-list.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { openMemoryBlacklistView } from '../../../shared/adapters/memory/blacklist-view.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { openMemoryGuardRegistry } from '../../../shared/adapters/memory/guard-registry.ts'
import { openMemoryPersonalKeys } from '../../../shared/adapters/memory/personal-keys.ts'
import { openMemoryRateLimits } from '../../../shared/adapters/memory/rate-limits.ts'
import { openMemoryReceivers } from '../../../shared/adapters/memory/receivers.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import { openMemoryUserDirectory } from '../../../shared/adapters/memory/user-directory.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import { replacing } from '../fakes/faulty-stores.ts'
import type { StatePorts } from './world-backing.ts'

/** How much lies there, expired or not: what a disk or a memory must hold. */
export type Sizes = Readonly<{ commits: number; view: number; limits: number; log: number }>
export type Sized = Closable &
  Readonly<{ ports: StatePorts; view: BlacklistView; sizes: () => Promise<Sizes> }>
export type OpenSized = (clock: Clock) => Promise<Sized>

const retentionMs = 86_400_000
/** Every entry expires later than this. */
const ever = 0 as EpochMs

const lmdbSizes = (env: LmdbEnvironment): Promise<Omit<Sizes, 'limits'>> => {
  const rows = (name: string): number => env.database(name).getKeysCount()
  return env.read(() => ({
    // With every index beside it: one that is forgotten grows too.
    commits: Math.max(
      rows('commits') / 2, // Beside each lies its state.
      ...['expiring', 'superseded', 'unpublished'].map((part) => rows(`commits.${part}`)),
    ),
    view: Math.max(rows('view'), rows('view.expiring')),
    log: rows('log.revocations'),
  }))
}

/** Everything that `npm start` keeps, in a folder of its own. */
export const sizedLmdb: OpenSized = async (clock) => {
  const path = await mkdtemp(join(tmpdir(), 'curfew-month-'))
  const env = await openLmdb({ path, clock, logger })
  const log = lmdbEventLog(env, { revocationRetentionMs: retentionMs })
  const limits = openMemoryRateLimits({ clock })
  const ports = {
    store: lmdbEventStore(env),
    directory: lmdbUserDirectory(env),
    sessions: lmdbSessionList(env),
    guards: openMemoryGuardRegistry(),
    receivers: openMemoryReceivers(),
    audit: openMemoryAuditIndex(),
    personalKeys: openMemoryPersonalKeys(),
    limits,
    log,
  }
  return {
    ports,
    view: lmdbBlacklistView(env),
    sizes: async () => ({ ...(await lmdbSizes(env)), limits: limits.windows() }),
    close: async () => {
      await log.close()
      await env.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}

/** The models; the log of memory keeps all that it was given, so its size says nothing. */
export const sizedMemory: OpenSized = async (clock) => {
  const limits = openMemoryRateLimits({ clock })
  const real = openMemoryEventStore({ clock })
  const view = openMemoryBlacklistView()
  let commits = 0
  const store = replacing(real, {
    append: async (commit) => {
      const answer = await real.append(commit)
      if (answer.outcome === 'appended') commits += 1
      return answer
    },
    prune: async (...given) => {
      const pruned = await real.prune(...given)
      commits -= pruned
      return pruned
    },
  })
  const log = openMemoryEventLog({ clock })
  const [sessions, guards] = [openMemorySessionList(), openMemoryGuardRegistry()]
  const receivers = openMemoryReceivers()
  return {
    ports: {
      store,
      directory: openMemoryUserDirectory(),
      limits,
      log,
      sessions,
      guards,
      receivers,
      audit: openMemoryAuditIndex(),
      personalKeys: openMemoryPersonalKeys(),
    },
    view,
    sizes: async () => ({
      commits,
      view: await view.count(ever),
      limits: limits.windows(),
      log: 0,
    }),
    close: () => log.close(),
  }
}
