import { systemClock } from '../../../kernel/clock.ts'
import { AuthError } from '../../../kernel/errors.ts'

const [open, inside, shut] = [0, 1, 2] as const
const patienceMs = 5_000

/**
 * Between the thread that writes and the thread whose end ends it. Node ends a worker thread where
 * it stands when the process exits. Within a transaction it holds a lock of lmdb-js, which its own
 * cleanup then waits for: the process never ended (an exit of a busy service hung in 2 of 6 tries).
 * So whoever exits shuts the gate first, and the thread stands outside.
 */
export class ExitGate {
  readonly #state: Int32Array

  /** `shared` is four bytes, all zero at first, that both threads see. */
  constructor(shared: SharedArrayBuffer) {
    this.#state = new Int32Array(shared)
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
  }

  /** Runs `work` inside. @throws AuthError STORE_UNAVAILABLE when it is shut: nothing was done. */
  within<T>(work: () => T): T {
    if (Atomics.compareExchange(this.#state, 0, open, inside) === shut) {
      throw new AuthError('STORE_UNAVAILABLE', 'this process ends')
    }
    try {
      return work()
    } finally {
      Atomics.compareExchange(this.#state, 0, inside, open)
      Atomics.notify(this.#state, 0)
    }
  }

  /**
   * Shuts it for good, and stands still until the thread is outside, for five seconds at most.
   * @returns whether it is outside
   */
  shutNow(): boolean {
    const deadline = systemClock.monotonicMs() + patienceMs
    for (;;) {
      if (Atomics.compareExchange(this.#state, 0, open, shut) !== inside) return true
      const leftMs = deadline - systemClock.monotonicMs()
      if (leftMs <= 0) return false
      // Transactions may follow each other faster than this thread wakes.
      Atomics.wait(this.#state, 0, inside, leftMs)
    }
  }
}
