import { AuthError } from '../../../kernel/errors.ts'

type Job = Readonly<{
  work: () => unknown
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}>

const jobsPerTransactionMax = 256

/**
 * Runs what was asked for within one turn of the event loop in one write transaction: an fsync
 * costs the same for one as for two hundred (measured on a busy machine with two cores: 1,500
 * serial appends a second, each with a read of the head before it, and 10,000 with 32 callers).
 * lmdb-js's asynchronous transactions are not used: when a commit of theirs fails, lmdb-js 3.5.6
 * also rejects promises of its own that nobody can await (measured: two at every commit on a full
 * disk), which ends a Node process. The price of synchronous ones: this process does nothing else
 * while the disk syncs, nor while another process on this machine holds the write lock.
 */
export class GroupCommit {
  readonly #transaction: <T>(work: () => T) => T
  readonly #queue: Job[] = []
  #scheduled = false

  /** `transaction` runs `work` in one durable write transaction; what `work` throws aborts it. */
  constructor(transaction: <T>(work: () => T) => T) {
    this.#transaction = transaction
  }

  /**
   * Resolves with the result of `work` once it is durable. `work` must be synchronous and may run
   * twice, so it reads and writes the database and nothing else.
   */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#next())
    })
  }

  /** Runs all that waits, now. */
  flush(): void {
    while (this.#queue.length > 0) this.#commit(this.#queue.splice(0, jobsPerTransactionMax))
  }

  #next(): void {
    const jobs = this.#queue.splice(0, jobsPerTransactionMax)
    this.#scheduled = this.#queue.length > 0
    if (this.#scheduled) setImmediate(() => this.#next())
    if (jobs.length > 0) this.#commit(jobs)
  }

  #commit(jobs: readonly Job[]): void {
    let worked = false
    try {
      const results = this.#transaction(() => {
        const all = jobs.map(({ work }) => work())
        worked = true
        return all
      })
      for (const [index, { resolve }] of jobs.entries()) resolve(results[index])
    } catch (error) {
      // One that throws must neither keep half of its writes nor take the others with it: each runs
      // alone then.
      if (!worked && jobs.length > 1) for (const job of jobs) this.#commit([job])
      else for (const { reject } of jobs) reject(error ?? new AuthError('INTERNAL', 'no reason'))
    }
  }
}
