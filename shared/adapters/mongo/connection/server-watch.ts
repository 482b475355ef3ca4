import type { MongoClient } from 'mongodb'
import type { Clock } from '../../../kernel/clock.ts'
import { errorCode } from '../../../kernel/error-code.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { RepeatedTrouble } from '../../../kernel/logging/repeated-trouble.ts'
import { type ConnectionFailure, connectionFailureOf, silent } from './connection-failure.ts'
import { serverRefusalOf } from './server-refusal.ts'

type Reply = Readonly<{ setName?: unknown; isWritablePrimary?: unknown; secondary?: unknown }>
type Seen = Readonly<{ reply: Reply }> | Readonly<{ failure: ConnectionFailure }>

const refusalMs = 5_000
const refusedBy = (error: Error): ConnectionFailure | null => {
  const number = errorCode(error)
  if (typeof number !== 'number') return null
  const found = serverRefusalOf({ number, text: error.message, namespace: 'the database' })
  return found && { what: found.what, fix: found.fix, mend: false }
}

const replied = (
  { setName, isWritablePrimary, secondary }: Reply,
  wanted: string,
): ConnectionFailure => {
  if (wanted !== '' && setName !== wanted) {
    const what =
      typeof setName === 'string' ? `is of the replica set ${setName}` : 'is of no replica set'
    return { what, fix: `mend replicaSet=${wanted} in CURFEW_MONGODB_URL`, mend: true }
  }
  if (isWritablePrimary === true)
    return { what: 'is the primary', fix: null, mend: false, up: true }
  const fix = 'wait for an election, or bring a majority of its replica set back'
  if (secondary === true) return { what: 'is a secondary', fix, mend: false }
  return { what: 'is neither primary nor secondary', fix: 'look at rs.status() there', mend: false }
}

/**
 * What each server said last, from the driver's own heartbeats: a selection that fails knows its
 * reason only sometimes, and forgets members of another set. The log hears when one goes, when the
 * reason changes and when it is back.
 */
export class ServerWatch {
  readonly #seen = new Map<string, Seen>()
  readonly #told = new Map<string, RepeatedTrouble>()
  readonly #refused = new Map<string, Readonly<{ mistake: ConnectionFailure; atMs: number }>>()
  readonly #clock: Clock
  readonly #wanted: string

  constructor(client: MongoClient, clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#wanted = client.options.replicaSet ?? ''
    client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
      const mistake = connectionFailureOf(failure)
      this.#seen.set(connectionId, { failure: mistake })
      const told = this.#told.get(connectionId) ?? new RepeatedTrouble(clock)
      this.#told.set(connectionId, told)
      const times = told.occurred(mistake.what)
      if (times === null) return
      const { what: reason, fix } = mistake
      logger.warn({ server: connectionId, reason, fix, times }, 'MongoDB is unreachable')
    })
    // A primary that steps down refuses calls, and may greet as the primary again between them.
    client.on('serverDescriptionChanged', ({ address, newDescription: { error } }) => {
      const mistake = error && refusedBy(error)
      if (mistake) this.#refused.set(address, { mistake, atMs: clock.monotonicMs() })
    })
    client.on('serverHeartbeatSucceeded', ({ connectionId, reply }) => {
      this.#seen.set(connectionId, { reply: reply as Reply })
      const times = this.#told.get(connectionId)?.ended() ?? null
      if (times !== null) logger.info({ server: connectionId, times }, 'MongoDB is back')
    })
  }

  /**
   * What is wrong with each server that was asked so far; `hosts` that never answered count as
   * silent.
   */
  mistakes(hosts: readonly string[]): ReadonlyMap<string, ConnectionFailure> {
    const found = new Map(hosts.map((host) => [host, silent]))
    for (const [server, seen] of this.#seen) {
      const short = server.replace(/:27017$/, '')
      found.delete(short)
      const said = 'failure' in seen ? seen.failure : replied(seen.reply, this.#wanted)
      found.set(server, said.up === true ? (this.#refusal(server) ?? said) : said)
    }
    return found
  }

  #refusal(server: string): ConnectionFailure | null {
    const last = this.#refused.get(server)
    if (!last || this.#clock.monotonicMs() - last.atMs > refusalMs) return null
    return last.mistake
  }
}
