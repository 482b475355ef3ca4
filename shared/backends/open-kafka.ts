import { openKafkaLog } from '../adapters/kafka/open-kafka-log.ts'
import { AuthError } from '../kernel/errors.ts'
import type { EventLog } from '../ports/event-log.ts'
import type { EventStore } from '../ports/event-store.ts'
import { retentionOf } from '../session/session-policy.ts'
import type { BackendOptions, Backends } from './backends.ts'
import { kafkaAccessOf } from './config.ts'

const eventPartitions = 12

/**
 * A store that names no log has never published. One that does not answer is no reason to refuse a
 * start either.
 */
const namesNoLog = async (store: EventStore): Promise<boolean> => {
  const scan = await store.relayScan(1).catch(() => null)
  return scan !== null && scan.tick.logId === null
}

/** `store` is that of the same fleet; `null` where a process has none. */
export const openKafka = (
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

const missing = (): never => {
  throw new AuthError('CONFIG_INVALID', 'CURFEW_MONGODB_URL is not set')
}

/** A service with a guard reads the log and nothing else. */
export const openLogAlone = (options: BackendOptions): Backends => ({
  store: missing,
  view: missing,
  sessions: missing,
  guards: missing,
  directory: missing,
  limits: missing,
  receivers: missing,
  audit: missing,
  personalKeys: missing,
  tellsWithAppend: false,
  trouble: () => null,
  log: (role) => openKafka(options, role, null),
})
