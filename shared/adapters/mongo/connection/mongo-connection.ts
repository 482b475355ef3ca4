import type { Db, MongoClient, MongoClientOptions } from 'mongodb'
import { type Clock, systemClock } from '../../../kernel/clock.ts'
import { type AuthError, isStoreFailure } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { RepeatedTrouble } from '../../../kernel/logging/repeated-trouble.ts'
import { withTimeout } from '../../../kernel/retry.ts'
import { asAuthError, lateError, type Place } from './mongo-errors.ts'
import { newMongoClient } from './new-mongo-client.ts'
import { ServerWatch } from './server-watch.ts'

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

/** Runs work on the database within `timeoutMs` (or `ms`); rejects with AuthError only. */
export type StoreCall = <T>(work: () => Promise<T>, ms?: number) => Promise<T>

export type MongoConnection = Readonly<{
  db: Db
  client: MongoClient
  logger: Logger
  clock: Clock
  timeoutMs: number
  /** Calls on one collection, which is named when they fail. */
  callsOn(collection: string): StoreCall
  /** What its indexes wait for, by collection, where no waiting helps. */
  indexTroubles: Map<string, AuthError>
  /** Aborts when the connection closes. */
  closing: AbortSignal
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
  // Before the call's own time is over, so that the pool is named as the reason.
  waitQueueTimeoutMS: Math.ceil(timeoutMs * 0.75),
  // A frozen server is noticed by the monitor within heartbeatMs + timeoutMs, and its sockets are
  // closed then.
  heartbeatFrequencyMS: heartbeatMs,
  socketTimeoutMS: longWorkMs,
})

// Some calls may be refused while others are answered: that is one streak.
const quietMs = 5_000

/** One line for all calls that fail for one reason, however many there are and wherever. */
const tellingFailures = (
  clock: Clock,
  logger: Logger,
): Readonly<{ failed: (error: AuthError) => void; answered: () => void }> => {
  const trouble = new RepeatedTrouble(clock, quietMs)
  return {
    failed: (error) => {
      if (!isStoreFailure(error)) return
      const times = trouble.occurred(error.message)
      if (times !== null) logger.warn({ error, times }, 'a call to MongoDB failed')
    },
    answered: () => {
      const failures = trouble.ended()
      if (failures !== null) logger.info({ failures }, 'MongoDB answers again')
    },
  }
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
  const { client, address } = newMongoClient(url, clientOptions(timeoutMs))
  const db = client.db(database ?? address.database ?? 'curfew')
  const watch = new ServerWatch(client, clock, logger)
  const { hosts } = address
  const placeOf = (collection: string): Place => {
    const servers = (): ReturnType<Place['servers']> => watch.mistakes(hosts)
    return { hosts, database: db.databaseName, collection, servers }
  }
  const bounded = <T>(work: Promise<T>, ms: number, place: Place): Promise<T> =>
    withTimeout(clock, ms, work, () => lateError(ms, place))
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
  const failureLog = tellingFailures(clock, logger)
  const callsOn = (collection: string): StoreCall => {
    const place = placeOf(collection)
    return async (work, ms = timeoutMs) => {
      try {
        const answer = await bounded(connected().then(work), ms, place)
        failureLog.answered()
        return answer
      } catch (error) {
        const failure = asAuthError(error, place)
        failureLog.failed(failure)
        throw failure
      }
    }
  }
  const closing = new AbortController()
  const close = async (): Promise<void> => {
    closing.abort()
    // A frozen server must not keep a process from ending: its sockets end with the process.
    const place = placeOf('any')
    await bounded(client.close(), timeoutMs, place).catch((error: unknown) =>
      logger.warn({ reason: asAuthError(error, place).message }, 'MongoDB was not closed in time'),
    )
  }
  const indexTroubles = new Map<string, AuthError>()
  const { signal } = closing
  return { db, client, logger, clock, timeoutMs, callsOn, indexTroubles, closing: signal, close }
}
