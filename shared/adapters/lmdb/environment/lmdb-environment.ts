import { mkdir } from 'node:fs/promises'
import { type Database, type Key, open, type RootDatabase } from 'lmdb'
import type { Clock } from '../../../kernel/clock.ts'
import { ChangeSignal } from '../../../kernel/concurrency/change-signal.ts'
import { errorCode } from '../../../kernel/error-code.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Closable } from '../../../kernel/lifecycle.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { checkFile } from './check-file.ts'
import { GroupCommit } from './group-commit.ts'
import { writeFailureReason } from './write-failure-reason.ts'

export type LmdbOptions = Readonly<{
  path: string
  clock: Clock
  logger: Logger
  /** Whether the group of the folder shares the files: 0660 then, else 0600. */
  groupShares?: boolean
}>

/**
 * One set of files that the event store, the event log, the view and the directory of a machine
 * share.
 */
export interface LmdbEnvironment extends Closable {
  readonly clock: Clock
  readonly logger: Logger
  /** Woken after each publication of this process. */
  readonly publications: ChangeSignal
  /** A named database of JSON values under ordered keys; made when it is not there. */
  database<Value>(name: string): Database<Value, Key>
  /**
   * Runs `work` on the newest snapshot, at once. @throws AuthError STORE_UNAVAILABLE, DATA_INVALID
   */
  snapshot<T>(work: () => T): T
  /** As `snapshot`, for methods that answer with a promise. */
  read<T>(work: () => T): Promise<T>
  /** Runs `work` in a write transaction and resolves once it is durable; see `GroupCommit.run`. */
  write<T>(work: () => T): Promise<T>
  /** Whether the last transaction succeeded. */
  healthy(): boolean
}

const format = 2
// Address space, not memory or disk. Fixed and the same in every process: else the liblmdb of
// lmdb-js grows the map when a transaction begins, and does not look whether that worked.
const mapBytes = 2 ** 38

// lmdb.h: page not found, corrupted, version mismatch, invalid.
const isDamage = new Set([-30_797, -30_796, -30_794, -30_793])

const codeOf = (error: unknown): number | null => {
  const code = errorCode(error)
  return typeof code === 'number' ? code : null
}

const translated = (error: unknown, path: string): unknown => {
  const code = codeOf(error)
  if (error instanceof SyntaxError || (code !== null && isDamage.has(code))) {
    return new AuthError('DATA_INVALID', `${path} is damaged`, { cause: error })
  }
  if (code === null) return error
  const why = writeFailureReason(code, path)
  const text = why ? `${path}: ${why}` : `LMDB failed with ${code} in ${path}`
  return new AuthError('STORE_UNAVAILABLE', text, { cause: error })
}

class Environment implements LmdbEnvironment {
  readonly clock: Clock
  readonly logger: Logger
  readonly publications = new ChangeSignal()
  readonly #root: RootDatabase<unknown, Key>
  readonly #path: string
  readonly #databases = new Map<string, Database<unknown, Key>>()
  readonly #commits = new GroupCommit((work) => this.#transaction(work))
  #state: 'open' | 'broken' | 'closed' = 'open'
  #healthy = true

  constructor(root: RootDatabase<unknown, Key>, { path, clock, logger }: LmdbOptions) {
    this.#root = root
    this.#path = path
    this.clock = clock
    this.logger = logger
  }

  database<Value>(name: string): Database<Value, Key> {
    const database =
      this.#databases.get(name) ??
      this.snapshot(() => this.#root.openDB({ name, encoding: 'json' }))
    this.#databases.set(name, database)
    return database as Database<Value, Key>
  }

  snapshot<T>(work: () => T): T {
    if (this.#state !== 'open') throw this.#refusal()
    try {
      // lmdb-js keeps one snapshot for a turn of the event loop: older than what was acknowledged
      // within it.
      this.#root.resetReadTxn()
      return work()
    } catch (error) {
      throw translated(error, this.#path)
    }
  }

  async read<T>(work: () => T): Promise<T> {
    return this.snapshot(work)
  }

  async write<T>(work: () => T): Promise<T> {
    if (this.#state !== 'open') throw this.#refusal()
    return this.#commits.run(work)
  }

  healthy(): boolean {
    return this.#state === 'open' && this.#healthy
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#commits.flush()
    this.#state = 'closed'
    await this.#root.close()
  }

  #refusal(): AuthError {
    const why = this.#state === 'closed' ? 'is closed' : 'failed to write; restart this process'
    return new AuthError('STORE_UNAVAILABLE', `the environment in ${this.#path} ${why}`)
  }

  #transaction<T>(work: () => T): T {
    if (this.#state !== 'open') throw this.#refusal()
    try {
      const result = this.#root.transactionSync(work)
      this.#healthy = true
      return result
    } catch (error) {
      const code = codeOf(error)
      if (code !== null) this.#failed(code, error)
      throw translated(error, this.#path)
    }
  }

  /**
   * A full disk can be emptied: a commit that failed left nothing behind, and the next one writes
   * all its pages anew. But when the meta page could not be written, LMDB begins no transaction any
   * more, and lmdb-js does not look whether a write transaction began; a read tells.
   */
  #failed(code: number, error: unknown): void {
    if (this.#healthy) {
      this.logger.error({ error: error as Error, code, path: this.#path }, 'LMDB did not commit')
    }
    this.#healthy = false
    try {
      this.snapshot(() => this.#root.get('format'))
    } catch {
      this.#state = 'broken'
      this.logger.error({ path: this.#path }, 'LMDB is unusable until this process starts anew')
    }
  }
}

/**
 * In the transaction that looks: of two processes that start on an empty directory, one writes the
 * entry.
 */
const claimFormat = (root: RootDatabase<unknown, Key>, path: string): void => {
  const found = root.transactionSync(() => {
    const entry = root.get('format')
    if (entry !== undefined || [...root.getKeys({ limit: 1 })].length > 0) return entry ?? null
    const made = { product: 'curfew', format }
    root.putSync('format', made)
    return made
  }) as { product?: unknown; format?: unknown } | null
  if (found?.product !== 'curfew' || typeof found.format !== 'number') {
    throw new AuthError('DATA_INVALID', `${path} holds an LMDB file of another program`)
  }
  if (found.format !== format) {
    const text = `${path} has format ${found.format}; this version knows ${format}`
    throw new AuthError('DATA_INVALID', text)
  }
}

const openRoot = ({ path, groupShares }: LmdbOptions): RootDatabase<unknown, Key> => {
  // The binding knows it, the types do not. Without it the files, which hold password hashes, would
  // be readable by everybody who may enter the folder.
  const mode = { permissionsMode: groupShares ? 0o660 : 0o600 }
  return open<unknown, Key>({
    ...mode,
    path,
    // LMDB's main database, which holds the named ones; the types know only undefined for it.
    name: null as unknown as string,
    noSubdir: false,
    encoding: 'json',
    maxDbs: 64,
    mapSize: mapBytes,
    // Without it lmdb-js shows a commit before it is on the disk. With `false`, mdb_txn_commit
    // (liblmdb's mdb.c) writes and fdatasyncs the pages, then writes the meta page through a
    // descriptor with O_DSYNC, and only then tells readers, of any process, the new transaction id.
    // So what a read shows survives a power cut, and nothing needs to wait for `flushed`.
    overlappingSync: false,
  })
}

/**
 * Opens (or makes, with mode 0700) the directory `path`. Several processes of one machine may share
 * it; it must not lie on a network file system. What it does not find: changed bytes within a page
 * (LMDB has no checksums).
 * @throws AuthError DATA_INVALID when the file is damaged, another program's or of another format;
 * STORE_UNAVAILABLE when it cannot be opened.
 */
export const openLmdb = async (options: LmdbOptions): Promise<LmdbEnvironment> => {
  const { path } = options
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await checkFile(path)
    const root = openRoot(options)
    try {
      claimFormat(root, path)
    } catch (error) {
      await root.close()
      throw error
    }
    return new Environment(root, options)
  } catch (error) {
    if (error instanceof AuthError) throw error
    const damage = translated(error, path)
    if (damage instanceof AuthError && damage.code === 'DATA_INVALID') throw damage
    const why = errorCode(error) ?? (error as Error).message
    const text = `cannot open ${path} (${why}): it must be a folder that this user can write to`
    throw new AuthError('STORE_UNAVAILABLE', text, { cause: error })
  }
}
