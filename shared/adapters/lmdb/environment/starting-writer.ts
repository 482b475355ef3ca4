import type { Clock } from '../../../kernel/clock.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import type { OpenWriter } from './open-lmdb.ts'
import { openSocketWriter } from './socket-writer.ts'
import { spawnWriter } from './spawn-writer.ts'
import type { Writer, WriterState } from './writer.ts'

/** By then a service has started: until then the thread would only take processor time from it. */
const startAfterMs = 250

type Options = Readonly<{ start: () => Promise<Writer>; clock: Clock; logger: Logger }>

/**
 * Writes in this thread until the one that is to write has started, which takes longer than all
 * else between the settings and the first answer. What was asked for before is written before. When
 * that thread does not start, nothing is written any more until this process starts anew.
 */
export class StartingWriter implements Writer {
  readonly #first: Writer
  readonly #closing = new AbortController()
  readonly #started: Promise<void>
  /** `null` when there will be none. */
  #next: Writer | null | undefined

  constructor(first: Writer, options: Options) {
    this.#first = first
    this.#started = this.#start(options)
  }

  get state(): WriterState {
    return this.#next === null ? 'broken' : (this.#next ?? this.#first).state
  }

  run(name: string, operation: string, given: readonly unknown[], work: () => unknown) {
    if (this.#next !== null) {
      return (this.#next ?? this.#first).run(name, operation, given, work)
    }
    const text = 'the thread that writes to LMDB did not start; restart this process'
    return Promise.reject(new AuthError('STORE_UNAVAILABLE', text))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#started
    await (this.#next ?? this.#first).close()
  }

  async #start({ start, clock, logger }: Options): Promise<void> {
    const { signal } = this.#closing
    await clock.sleep(startAfterMs, signal)
    if (signal.aborted) return
    try {
      const next = await start()
      // Synchronous up to its last write: nothing is asked for in between.
      const written = this.#first.close()
      this.#next = next
      await written
    } catch (error) {
      logger.error({ error: error as Error }, 'the thread that writes to LMDB does not start')
      this.#next = null
    }
  }
}

/** For a service that writes for other processes too, which ask at this socket once it is open. */
export const serveThreadWriter =
  (socket: string): OpenWriter =>
  (_inline, options) =>
    spawnWriter({ ...options, socket })

/** For a process whose writes the thread of another one does, which serves this socket. */
export const askSocketWriter =
  (socket: string): OpenWriter =>
  (_inline, options) =>
    openSocketWriter({ ...options, socket })

/** For a service, which is to serve while the disk syncs. */
export const startThreadWriter: OpenWriter = (inline, options) =>
  new StartingWriter(inline, { ...options, start: () => spawnWriter(options) })
