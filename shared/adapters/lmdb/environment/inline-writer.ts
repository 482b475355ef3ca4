import type { RootDatabase } from 'lmdb'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import type { ExitGate } from './exit-gate.ts'
import { FileReserve } from './file-reserve.ts'
import { GroupCommit } from './group-commit.ts'
import { lmdbErrorCode, translateLmdbError } from './lmdb-error.ts'
import { writeFailureReason } from './write-failure-reason.ts'
import type { Writer, WriterState } from './writer.ts'

type Options = Readonly<{
  root: RootDatabase
  path: string
  logger: Logger
  /** The gate of a thread that another thread may end. */
  gate?: ExitGate
}>

/** Writes in the thread that asks, which stands still while the disk syncs. */
export class InlineWriter implements Writer {
  readonly #options: Options
  readonly #commits = new GroupCommit((work) => this.#transaction(work))
  readonly #reserve: FileReserve
  #state: WriterState = 'good'
  #hasCommitted = false

  constructor(options: Options) {
    this.#options = options
    this.#reserve = new FileReserve(options.root, options.path)
  }

  get state(): WriterState {
    return this.#state
  }

  run(_name: string, _operation: string, _given: readonly unknown[], work: () => unknown) {
    return this.#commits.run(work)
  }

  async close(): Promise<void> {
    this.#commits.flush()
    this.#reserve.close()
  }

  #transaction<T>(work: () => T): T {
    const { root, path, gate } = this.#options
    if (this.#state === 'broken') throw unusableEnvironment(path)
    try {
      const transact = (): T =>
        root.transactionSync(() => {
          this.#reserve.keep()
          return work()
        })
      const result = gate ? gate.within(transact) : transact()
      this.#state = 'good'
      this.#hasCommitted = true
      return result
    } catch (error) {
      const code = lmdbErrorCode(error)
      if (code !== null) this.#failed(code, error)
      throw translateLmdbError(error, path)
    }
  }

  /**
   * A full disk can be emptied: a commit that failed left nothing behind, and the next one writes
   * all its pages anew. But when the meta page could not be written, LMDB begins no transaction any
   * more, and lmdb-js does not look whether a write transaction began; a read tells.
   */
  #failed(code: number, error: unknown): void {
    const { root, path, logger } = this.#options
    // What fails before anything was written ends a start or a command, which says why.
    if (this.#state === 'good' && this.#hasCommitted) {
      const reason = writeFailureReason(code, path)
      const why = reason === null ? { error: error as Error } : { reason }
      logger.error({ ...why, code, path }, 'LMDB did not commit')
    }
    this.#state = 'failed'
    try {
      root.resetReadTxn()
      root.get('format')
    } catch {
      this.#state = 'broken'
      logger.error({ path }, 'LMDB is unusable until this process starts anew')
    }
  }
}

export const unusableEnvironment = (path: string): AuthError => {
  const text = `the environment in ${path} failed to write; restart this process`
  return new AuthError('STORE_UNAVAILABLE', text)
}
