import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import type { OpenWriter } from './open-lmdb.ts'
import { openThreadWriter } from './thread-writer.ts'
import type { Writer, WriterState } from './writer.ts'

/**
 * Writes in this thread until the one that is to write has started, which takes longer than all
 * else between the settings and the first answer. What was asked for before is written before. When
 * that thread does not start, nothing is written any more until this process starts anew.
 */
export class StartingWriter implements Writer {
  readonly #first: Writer
  readonly #started: Promise<void>
  /** `null` when there will be none. */
  #next: Writer | null | undefined

  constructor(first: Writer, starting: Promise<Writer>, logger: Logger) {
    this.#first = first
    this.#started = starting.then(
      async (next) => {
        // Synchronous up to its last write: nothing is asked for in between.
        const written = first.close()
        this.#next = next
        await written
      },
      (error: unknown) => {
        logger.error({ error: error as Error }, 'the thread that writes to LMDB does not start')
        this.#next = null
      },
    )
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
    await this.#started
    await (this.#next ?? this.#first).close()
  }
}

/** For a service, which is to serve while the disk syncs. */
export const startThreadWriter: OpenWriter = (inline, options) =>
  new StartingWriter(inline, openThreadWriter(options), options.logger)
