import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbUserDirectory } from '../../../shared/adapters/lmdb/accounts/user-directory.ts'
import { lmdbAuditIndex } from '../../../shared/adapters/lmdb/audit/audit-index.ts'
import { lmdbEventStore } from '../../../shared/adapters/lmdb/commits/event-store.ts'
import { openLmdb } from '../../../shared/adapters/lmdb/environment/open-lmdb.ts'
import { lmdbEventLog } from '../../../shared/adapters/lmdb/log/event-log.ts'
import { lmdbGuardRegistry } from '../../../shared/adapters/lmdb/registries/guard-registry.ts'
import { lmdbPersonalKeys } from '../../../shared/adapters/lmdb/registries/personal-keys.ts'
import { lmdbReceivers } from '../../../shared/adapters/lmdb/registries/receivers.ts'
import { lmdbSessionList } from '../../../shared/adapters/lmdb/views/session-list.ts'
import { openMemoryAuditIndex } from '../../../shared/adapters/memory/audit-index.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { openMemoryGuardRegistry } from '../../../shared/adapters/memory/guard-registry.ts'
import { openMemoryPersonalKeys } from '../../../shared/adapters/memory/personal-keys.ts'
import { openMemoryRateLimits } from '../../../shared/adapters/memory/rate-limits.ts'
import { openMemoryReceivers } from '../../../shared/adapters/memory/receivers.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import { openMemoryUserDirectory } from '../../../shared/adapters/memory/user-directory.ts'
import type { MongoConnection } from '../../../shared/adapters/mongo/connection/mongo-connection.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import type { Closable } from '../../../shared/kernel/lifecycle.ts'
import { silentLogger as logger } from '../../../shared/kernel/logger.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { Credentials } from '../../../shared/ports/credentials.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventStore } from '../../../shared/ports/event-store.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import type { PersonalKeys } from '../../../shared/ports/personal-keys.ts'
import type { RateLimits } from '../../../shared/ports/rate-limits.ts'
import type { Receivers } from '../../../shared/ports/receivers.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'

export type StatePorts = Readonly<{
  store: EventStore
  directory: UserDirectory
  limits: RateLimits
  sessions: SessionList
  guards: GuardRegistry
  receivers: Receivers
  audit: AuditIndex
  personalKeys: PersonalKeys
  log: EventLog
  /** A team's own directory, in place of `directory`. */
  ownDirectory?: Credentials
}>

/** What a fleet of gateways shares; `ports` gives each gateway its own adapters on it. */
export type Backing = Closable & Readonly<{ ports: () => Promise<StatePorts> }>
export type OpenBacking = (clock: Clock) => Promise<Backing>

/** For fake clocks, and for stores that a test replaces. */
export const memoryBacking: OpenBacking = async (clock) => {
  const ports = {
    store: openMemoryEventStore({ clock }),
    directory: openMemoryUserDirectory(),
    limits: openMemoryRateLimits({ clock }),
    sessions: openMemorySessionList(),
    guards: openMemoryGuardRegistry(),
    receivers: openMemoryReceivers(),
    audit: openMemoryAuditIndex(),
    personalKeys: openMemoryPersonalKeys(),
    log: openMemoryEventLog({ clock: systemClock }),
  }
  return { ports: async () => ports, close: () => ports.log.close() }
}

const dayMs = 86_400_000

/** Store, directory and log in one environment in a folder of its own, as `npm start` has them. */
export const lmdbBacking: OpenBacking = async (clock) =>
  lmdbBackingIn(await mkdtemp(join(tmpdir(), 'curfew-world-')))(clock)

/** As `lmdbBacking`, in a folder that other processes may share; it goes with the world. */
export const lmdbBackingIn =
  (path: string): OpenBacking =>
  async (clock) => {
    const env = await openLmdb({ path, clock, logger })
    const log = lmdbEventLog(env, { revocationRetentionMs: dayMs })
    const ports = async (): Promise<StatePorts> => ({
      store: lmdbEventStore(env),
      directory: lmdbUserDirectory(env),
      limits: openMemoryRateLimits({ clock }),
      sessions: lmdbSessionList(env),
      guards: lmdbGuardRegistry(env),
      receivers: lmdbReceivers(env),
      audit: lmdbAuditIndex(env),
      personalKeys: lmdbPersonalKeys(env),
      log,
    })
    const close = async (): Promise<void> => {
      await log.close()
      await env.close()
      await rm(path, { recursive: true, force: true })
    }
    return { ports, close }
  }

/** A slow server lets fifty racing callers queue for seconds; that is not what is tested. */
const mongoTimeoutMs = 30_000

/**
 * Store and directory in a database of its own, a connection a gateway; the log is the memory one,
 * since what it does is no part of a decision. `url` comes from `useServers(['mongo'])`.
 */
export const mongoBacking =
  (url: string): OpenBacking =>
  async (clock) => {
    // Loaded late: the driver is large, and most worlds have no MongoDB.
    const { mongoState, openMongo } = await import('./mongo-state.ts')
    const database = `world-${systemEntropy.bytes(6).toString('hex')}`
    const log = openMemoryEventLog({ clock })
    const limits = openMemoryRateLimits({ clock })
    const connections: MongoConnection[] = []
    const ports = async (): Promise<StatePorts> => {
      const options = { url, database, timeoutMs: mongoTimeoutMs, logger, clock }
      const connection = await openMongo(options)
      connections.push(connection)
      return { ...mongoState(connection), limits, log }
    }
    const close = async (): Promise<void> => {
      await log.close()
      await connections[0]?.db.dropDatabase()
      await Promise.all(connections.map((connection) => connection.close()))
    }
    return { ports, close }
  }
