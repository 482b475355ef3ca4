import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, type Key, open, type RootDatabase } from 'lmdb'
import type { Clock } from '../../../kernel/clock.ts'
import { ChangeSignal } from '../../../kernel/concurrency/change-signal.ts'
import { errorCode } from '../../../kernel/error-code.ts'
import { AuthError } from '../../../kernel/errors.ts'
import type { Logger } from '../../../kernel/logger.ts'
import { makeFolder } from '../../../kernel/process/make-folder.ts'
import { checkFile } from './check-file.ts'
import { type Contents, databaseOptions } from './database-options.ts'
import type { ExitGate } from './exit-gate.ts'
import { freePages } from './free-pages.ts'
import { InlineWriter, unusableEnvironment } from './inline-writer.ts'
import type { LmdbEnvironment, LmdbWrites, Operations, WriteCalls } from './lmdb-environment.ts'
import { translateLmdbError } from './lmdb-error.ts'
import { requireSpace } from './require-space.ts'
import { claimFormat } from './store-format.ts'
import type { Writer, WriterState } from './writer.ts'

/** What a writer is opened with: the options, and whom a publication wakes. */
export type WriterOptions = LmdbOptions & Readonly<{ publications: ChangeSignal }>
export type OpenWriter = (inline: Writer, options: WriterOptions) => Writer | Promise<Writer>

export type LmdbOptions = Readonly<{
  path: string
  clock: Clock
  logger: Logger
  /** Whether the group of the folder shares the files: 0660 then, else 0600. */
  groupShares?: boolean
  /** Gives the writer to use in place of one that writes in this thread. */
  openWriter?: OpenWriter
  /** Around each transaction of a thread that ends with its process. */
  gate?: ExitGate
}>

// Address space, not memory or disk. Fixed and the same in every process: else the liblmdb of
// lmdb-js grows the map when a transaction begins, and does not look whether that worked.
const mapBytes = 2 ** 38

class Environment implements LmdbEnvironment {
  readonly clock: Clock
  readonly logger: Logger
  readonly publications: ChangeSignal
  readonly #root: RootDatabase<unknown, Key>
  readonly #path: string
  readonly #databases = new Map<string, Database<unknown, Key>>()
  readonly #writer: Writer
  #isClosed = false

  constructor(
    root: RootDatabase<unknown, Key>,
    writer: Writer,
    { path, clock, logger, publications }: WriterOptions,
  ) {
    this.publications = publications
    this.#root = root
    this.#writer = writer
    this.#path = path
    this.clock = clock
    this.logger = logger
  }

  database<Value>(name: string): Database<Value, Key> {
    return this.#opened(name, 'value') as Database<Value, Key>
  }

  textDatabase(name: string): Database<string, Key> {
    return this.#opened(name, 'text') as Database<string, Key>
  }

  index(name: string): Database<true, Key> {
    return this.#opened(name, 'index') as Database<true, Key>
  }

  bytesDatabase(name: string): Database<Uint8Array, Uint8Array> {
    return this.#opened(name, 'bytes') as unknown as Database<Uint8Array, Uint8Array>
  }

  snapshot<T>(work: () => T): T {
    this.#refuseUnlessOpen()
    try {
      // lmdb-js keeps one snapshot for a turn of the event loop: older than what was acknowledged
      // within it.
      this.#root.resetReadTxn()
      return work()
    } catch (error) {
      throw translateLmdbError(error, this.#path)
    }
  }

  async read<T>(work: () => T): Promise<T> {
    return this.snapshot(work)
  }

  use<Databases, Ops extends Operations<Databases>>({
    name,
    open,
    operations,
  }: LmdbWrites<Databases, Ops>): Readonly<{ dbs: Databases; write: WriteCalls<Ops> }> {
    const dbs = open(this)
    const calls = Object.entries(operations).map(([operation, write]) => {
      const call = async (...given: never[]): Promise<unknown> => {
        this.#refuseUnlessOpen()
        return this.#writer.run(name, operation, given, () => write(dbs, ...given))
      }
      return [operation, call] as const
    })
    return { dbs, write: Object.fromEntries(calls) as WriteCalls<Ops> }
  }

  async copyTo(folder: string): Promise<void> {
    this.#refuseUnlessOpen()
    try {
      await mkdir(folder, { mode: 0o700 })
      // Compact: without free pages, and free room within pages.
      await this.#root.backup(folder, true)
      await chmod(join(folder, 'data.mdb'), 0o600)
    } catch (error) {
      const why = errorCode(error) ?? (error as Error).message
      throw new AuthError('STORE_UNAVAILABLE', `cannot copy to ${folder} (${why})`, {
        cause: error,
      })
    }
  }

  healthy(): boolean {
    return !this.#isClosed && this.writerState() === 'good'
  }

  writerState(): WriterState {
    return this.#writer.state
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    const written = this.#writer.close()
    this.#isClosed = true
    await written
    await this.#root.close()
  }

  #opened(name: string, contents: Contents): Database<unknown, Key> {
    const key = `${contents}:${name}`
    const database =
      this.#databases.get(key) ??
      this.snapshot(() => this.#root.openDB(databaseOptions(name, contents)))
    this.#databases.set(key, database)
    return database
  }

  #refuseUnlessOpen(): void {
    if (this.#isClosed) {
      throw new AuthError('STORE_UNAVAILABLE', `the environment in ${this.#path} is closed`)
    }
    if (this.#writer.state === 'broken') throw unusableEnvironment(this.#path)
  }
}

const openRoot = ({ path, groupShares }: LmdbOptions): RootDatabase<unknown, Key> => {
  // The binding knows these, the types do not. Without a mode the files, which hold password
  // hashes, would be readable by everybody who may enter the folder.
  const untyped = { permissionsMode: groupShares ? 0o660 : 0o600, ...freePages }
  return open<unknown, Key>({
    ...untyped,
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
 * (LMDB has no checksums); those within a value are found when it is read.
 * @throws AuthError DATA_INVALID when the file is damaged, another program's or of another format;
 * STORE_UNAVAILABLE when it cannot be opened.
 */
export const openLmdb = async (options: LmdbOptions): Promise<LmdbEnvironment> => {
  const { path } = options
  try {
    makeFolder(path, 0o700)
    await checkFile(path)
    requireSpace(path)
    const root = openRoot(options)
    try {
      claimFormat({ root, path, logger: options.logger })
    } catch (error) {
      await root.close()
      throw error
    }
    const publications = new ChangeSignal()
    const inline = new InlineWriter({ root, ...options })
    const writer = await (options.openWriter?.(inline, { ...options, publications }) ?? inline)
    return new Environment(root, writer, { ...options, publications })
  } catch (error) {
    if (error instanceof AuthError) throw error
    const damage = translateLmdbError(error, path)
    if (damage instanceof AuthError && damage.code === 'DATA_INVALID') throw damage
    const why = errorCode(error) ?? (error as Error).message
    const text = `cannot open ${path} (${why}): it must be a folder that this user can write to`
    throw new AuthError('STORE_UNAVAILABLE', text, { cause: error })
  }
}
