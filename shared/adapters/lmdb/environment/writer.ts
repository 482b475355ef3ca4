/**
 * `failed`: the last transaction did not commit; `broken`: no other will until this process starts
 * anew.
 */
export type WriterState = 'good' | 'failed' | 'broken'

/** Runs write operations in durable transactions. */
export interface Writer {
  readonly state: WriterState
  /** An operation by its name; `work` is the same one, for a writer in this thread. */
  run(
    name: string,
    operation: string,
    given: readonly unknown[],
    work: () => unknown,
  ): Promise<unknown>
  /** Runs all that waits first. */
  close(): Promise<void>
}
