import { type Db, MongoClient, type MongoClientOptions } from 'mongodb'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { AuthError } from '../../kernel/errors.ts'
import { type Logger, redactText } from '../../kernel/logger.ts'
import { within } from '../../kernel/retry.ts'
import { asAuthError, unavailable } from './store-errors.ts'

export type MongoOptions = Readonly<{
  url: string
  /** `null` takes the database that the URL names, else `curfew`. */
  database: string | null
  /**
   * No call of a port takes longer (but `forget` and `contentHash`, which may read a whole
   * collection).
   */
  timeoutMs: number
  logger: Logger
  /** For bounds on durations only; decisions go by the server's clock. */
  clock?: Clock
}>

export type MongoConnection = Readonly<{
  db: Db
  client: MongoClient
  logger: Logger
  clock: Clock
  timeoutMs: number
  /** Runs work on the database within `timeoutMs` (or `ms`); rejects with AuthError only. */
  storeCall<T>(work: () => Promise<T>, ms?: number): Promise<T>
  close(): Promise<void>
}>

/** For work on whole collections: building an index, forgetting a view. */
export const longWorkMs = 60_000
const heartbeatMs = 2000

const clientOptions = (timeoutMs: number): MongoClientOptions => ({
  appName: 'curfew',
  // A URL may say otherwise and is overruled: what was acknowledged must survive an election and a
  // power cut.
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: timeoutMs,
  connectTimeoutMS: timeoutMs,
  waitQueueTimeoutMS: timeoutMs,
  // A frozen server is noticed by the monitor within heartbeatMs + timeoutMs, and its sockets are
  // closed then.
  heartbeatFrequencyMS: heartbeatMs,
  socketTimeoutMS: longWorkMs,
})

const databaseIn = (url: string): string | null => {
  const name = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/.exec(url)?.[1]
  return name === undefined ? null : decodeURIComponent(name)
}

const newClient = (url: string, timeoutMs: number): MongoClient => {
  try {
    return new MongoClient(url, clientOptions(timeoutMs))
  } catch (error) {
    // Without the cause: a parser's error may quote the URL, and with it a password.
    const why = redactText(error instanceof Error ? error.message : 'no reason given')
    throw new AuthError('CONFIG_INVALID', `the MongoDB URL is not usable: ${why}`)
  }
}

/** Tells the log when the server goes and when it comes back; once each, not at every heartbeat. */
const reportReachability = (client: MongoClient, logger: Logger): void => {
  const lost = new Set<string>()
  client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
    if (lost.has(connectionId)) return
    lost.add(connectionId)
    logger.warn({ server: connectionId, reason: failure.name }, 'MongoDB is unreachable')
  })
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => {
    if (lost.delete(connectionId)) logger.info({ server: connectionId }, 'MongoDB is back')
  })
}

/**
 * A connection for all MongoDB ports of one process; closing it is the business of whoever opened
 * it, so the ports' own `close` does nothing. Majority writes with journal, majority reads, from
 * the primary.
 * - Needs a replica set (one member will do): sessions and retried writes need one.
 * - It connects with the first call, so a process may start before MongoDB does; nothing is sent
 *   here.
 * - While MongoDB is down or frozen each call rejects with STORE_UNAVAILABLE within `timeoutMs`; a
 *   write that was on its way may still happen.
 * - Not promised: a read from a primary that was deposed and does not know it yet (some seconds)
 *   may be old; writes are refused there, which is what the relay's tick rests on.
 * @throws AuthError CONFIG_INVALID when the URL is not usable.
 */
export const openMongo = async (options: MongoOptions): Promise<MongoConnection> => {
  const { url, database, timeoutMs, logger, clock = systemClock } = options
  const client = newClient(url, timeoutMs)
  const db = client.db(database ?? databaseIn(url) ?? 'curfew')
  reportReachability(client, logger)
  const bounded = <T>(work: Promise<T>, ms: number): Promise<T> =>
    within(clock, ms, work, () => unavailable(`no answer within ${ms} ms`))
  // The driver keeps a topology whose first connect failed, closed, and never dials again by
  // itself.
  let up: Promise<unknown> | undefined
  const connected = (): Promise<unknown> => {
    up ??= client.connect().catch((error: unknown) => {
      up = undefined
      throw error
    })
    return up
  }
  return {
    db,
    client,
    logger,
    clock,
    timeoutMs,
    storeCall: async (work, ms = timeoutMs) => {
      try {
        return await bounded(connected().then(work), ms)
      } catch (error) {
        throw asAuthError(error)
      }
    },
    close: async () => {
      // A frozen server must not keep a process from ending: its sockets end with the process.
      await bounded(client.close(), timeoutMs).catch((error: unknown) =>
        logger.warn({ reason: asAuthError(error).message }, 'MongoDB was not closed in time'),
      )
    },
  }
}
