import type { LogRecord, RawRecord, Topic } from '../../../events/log-record.ts'
import { AuthError, isAuthError } from '../../../kernel/errors.ts'
import type { EventLog, Following, FollowOptions, LogBatch } from '../../../ports/event-log.ts'
import { followTopics } from '../../memory/follow-topics.ts'
import type { LmdbEnvironment, WriteCalls } from '../environment/lmdb-environment.ts'
import { LogTail, rawOf } from './log-tail.ts'
import { type LogDatabases, logWrites, preparedRecord, stateOf } from './log-writes.ts'

export type LmdbEventLogOptions = Readonly<{
  /**
   * How long revocations stay; at least twice the longest lifetime of a token (docs/operations.md,
   * Topics).
   */
  revocationRetentionMs: number
}>

/** How late this process hears of what another process published. */
const pollMs = 25
const sweepEveryMs = 60_000
const sweepAgainMs = 1_000

const asLogError = (error: unknown): never => {
  if (!isAuthError(error, 'STORE_UNAVAILABLE')) throw error
  throw new AuthError('LOG_UNAVAILABLE', error.message, { cause: error })
}

type LogCalls = WriteCalls<typeof logWrites.operations>

export class LmdbEventLog implements EventLog {
  readonly #env: LmdbEnvironment
  readonly #retentionMs: number
  readonly #dbs: LogDatabases
  readonly #write: LogCalls
  readonly #tail = new LogTail()
  readonly #followings = new Set<Following>()
  readonly #closing = new AbortController()
  #polling: Promise<void> | undefined
  #nextSweepMs: number

  constructor(env: LmdbEnvironment, { revocationRetentionMs }: LmdbEventLogOptions) {
    this.#env = env
    this.#retentionMs = revocationRetentionMs
    this.#nextSweepMs = env.clock.monotonicMs() + sweepEveryMs
    const { dbs, write } = env.use(logWrites)
    this.#dbs = dbs
    this.#write = write
    write
      .askForRetention(revocationRetentionMs)
      .catch((error: Error) => env.logger.warn({ error }, 'retention was not noted'))
  }

  async publish(records: readonly LogRecord[]): Promise<readonly number[]> {
    if (records.length === 0) return []
    const prepared = records.map(preparedRecord)
    try {
      // As many turns behind the thread's answer as an append that tells: the tail wants an order.
      const offsets = await this.#write.publish(prepared, this.#env.clock.now())
      this.noticed(records, offsets)
      return offsets
    } catch (error) {
      return asLogError(error)
    }
  }

  /** Records became durable at these offsets: those of this log, or that the store told with it. */
  noticed(records: readonly LogRecord[], offsets: readonly number[]): void {
    for (const [index, record] of records.entries()) this.#tail.add(record, offsets[index] ?? 0)
    this.#env.publications.notify()
    this.#sweepWhenDue()
  }

  async partitions(): Promise<number> {
    return 1
  }

  bounds({ topic }: { topic: Topic }): Promise<{ start: number; end: number }> {
    return this.#env
      .read(() => {
        const { end } = stateOf(this.#dbs, topic)
        const [first] = this.#dbs.topics[topic].getKeys({ limit: 1 })
        return { start: (first as number | undefined) ?? end, end }
      })
      .catch(asLogError)
  }

  async endsBelow(partition: { topic: Topic }, offset: number): Promise<boolean> {
    return (await this.bounds(partition)).end < offset
  }

  recordAt({ topic }: { topic: Topic }, offset: number): Promise<RawRecord | null> {
    return this.#env
      .read(() => {
        const record = this.#dbs.topics[topic].get(offset)
        return record ? rawOf(topic, offset, record) : null
      })
      .catch(asLogError)
  }

  async follow(options: FollowOptions): Promise<Following> {
    const following = followTopics(
      {
        clock: this.#env.clock,
        wakeups: this.#env.publications,
        readTopic: (topic, from, limit) => this.#read(topic, from, limit),
      },
      options,
    )
    this.#followings.add(following)
    this.#polling ??= this.#poll()
    return {
      stop: () => {
        this.#followings.delete(following)
        return following.stop()
      },
    }
  }

  healthy(): boolean {
    return this.#env.healthy()
  }

  /** Its topics have no settings that anybody could change. */
  denials(): readonly [] {
    return []
  }

  mistakes(): readonly [] {
    return []
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all([...this.#followings].map((following) => following.stop()))
    await this.#polling
  }

  #read(topic: Topic, from: number, limit: number): LogBatch {
    const recent = this.#tail.from(topic, from, limit)
    if (recent) return { topic, partition: 0, ...recent }
    return this.#env.snapshot(() => {
      const { end } = stateOf(this.#dbs, topic)
      const range = from < end ? this.#dbs.topics[topic].getRange({ start: from, limit }) : []
      const records = Array.from(range, ({ key, value }) => rawOf(topic, key as number, value))
      return { topic, partition: 0, records, end }
    })
  }

  /** Wakes the followers of this process when another one published; about 10 µs a turn. */
  async #poll(): Promise<void> {
    const { clock, publications } = this.#env
    const { signal } = this.#closing
    let seen = ''
    while (!signal.aborted) {
      await clock.sleep(pollMs, signal)
      // A read that fails wakes them too: they report it.
      const ends = await this.#env
        .read(() =>
          Object.keys(this.#dbs.topics).map((topic) => stateOf(this.#dbs, topic as Topic).end),
        )
        .then(String, () => '')
      if (ends !== seen || ends === '') publications.notify()
      seen = ends
    }
  }

  #sweepWhenDue(): void {
    const { clock, logger } = this.#env
    if (clock.monotonicMs() < this.#nextSweepMs) return
    this.#nextSweepMs = clock.monotonicMs() + sweepEveryMs
    this.#write
      .sweep(clock.now(), this.#retentionMs)
      .then((more) => {
        if (more) this.#nextSweepMs = clock.monotonicMs() + sweepAgainMs
      })
      .catch((error: Error) => logger.warn({ error }, 'old revocations were not deleted'))
  }
}

/**
 * The event log of one machine: each topic has one partition, offsets count from 0, and a
 * publication is one durable transaction. Followers of the same process hear of it at once, those
 * of others within 25 ms.
 * - Every follower reads everything, whatever its group: who may write a view is decided by the
 *   view's fence.
 * - `auth.revocations` drops closed times older than a minute and what is older than
 *   `revocationRetentionMs`, at most once a minute after a publication; offsets then skip closed
 *   times that a newer one follows. Closing it stops its followers; whoever opened `env` closes
 *   that.
 */
export const lmdbEventLog = (env: LmdbEnvironment, options: LmdbEventLogOptions): LmdbEventLog =>
  new LmdbEventLog(env, options)
