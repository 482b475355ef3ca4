import type { LmdbEnvironment } from './lmdb-environment.ts'

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

export type WriteCall = Readonly<{ operation: string; given: readonly unknown[] }>

export const lmdbWrites = <Databases, Ops extends Operations<Databases>>(
  name: string,
  open: (env: LmdbEnvironment) => Databases,
  operations: Ops,
): LmdbWrites<Databases, Ops> => ({ name, open, operations })
