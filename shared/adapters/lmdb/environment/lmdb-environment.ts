import type { Database, Key } from 'lmdb'
import type { Clock } from '../../../kernel/clock.ts'
import type { ChangeSignal } from '../../../kernel/concurrency/change-signal.ts'
import type { Closable } from '../../../kernel/lifecycle.ts'
import type { Logger } from '../../../kernel/logger.ts'
import type { WriterState } from './writer.ts'

/**
 * One set of files that the event store, the event log, the view and the directory of a machine
 * share.
 */
export interface LmdbEnvironment extends Closable {
  readonly clock: Clock
  readonly logger: Logger
  /** Woken after each publication of this process. */
  readonly publications: ChangeSignal
  /**
   * A named database of JSON values under ordered keys; made when it is not there. Values are
   * packed; see `values/packed-values.ts`.
   */
  database<Value>(name: string): Database<Value, Key>
  /** The same one, for writing values that are JSON text already. */
  textDatabase(name: string): Database<string, Key>
  /** One whose keys say it all. */
  index(name: string): Database<true, Key>
  /** One of bytes under bytes, as they are. */
  bytesDatabase(name: string): Database<Uint8Array, Uint8Array>
  /**
   * Runs `work` on the newest snapshot, at once. @throws AuthError STORE_UNAVAILABLE, DATA_INVALID
   */
  snapshot<T>(work: () => T): T
  /** As `snapshot`, for methods that answer with a promise. */
  read<T>(work: () => T): Promise<T>
  /** The databases of an adapter, for reading, and what it writes; see `LmdbWrites`. */
  use<Databases, Ops extends Operations<Databases>>(
    writes: LmdbWrites<Databases, Ops>,
  ): Readonly<{ dbs: Databases; write: WriteCalls<Ops> }>
  /**
   * Writes what there is at one instant to `data.mdb` in this new folder, and nothing that was
   * deleted.
   * @throws AuthError STORE_UNAVAILABLE
   */
  copyTo(folder: string): Promise<void>
  /** Whether the last transaction succeeded. */
  healthy(): boolean
  writerState(): WriterState
}

/**
 * Runs within a write transaction, so it is synchronous, may run twice, and reads and writes the
 * database and nothing else. What it is given and what it answers are plain values: in a service
 * they travel to the writer thread and back. Instants are given to it, since the thread has no
 * clock but the system's.
 */
type Operation<Databases> = (dbs: Databases, ...given: never[]) => unknown
export type Operations<Databases> = Readonly<Record<string, Operation<Databases>>>

/** All that one adapter writes, by name: a function cannot travel to another thread. */
export type LmdbWrites<Databases, Ops extends Operations<Databases>> = Readonly<{
  name: string
  open: (env: LmdbEnvironment) => Databases
  operations: Ops
}>

/** The same functions without the databases; each resolves once what it wrote is durable. */
export type WriteCalls<Ops> = {
  readonly [Name in keyof Ops]: Ops[Name] extends (
    dbs: never,
    ...given: infer Given
  ) => infer Result
    ? (...given: Given) => Promise<Result>
    : never
}

export const lmdbWrites = <Databases, Ops extends Operations<Databases>>(
  name: string,
  open: (env: LmdbEnvironment) => Databases,
  operations: Ops,
): LmdbWrites<Databases, Ops> => ({ name, open, operations })
