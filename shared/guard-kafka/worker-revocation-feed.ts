import { Worker } from 'node:worker_threads'
import type { MacRing } from '../events/record-mac.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { type Entropy, fraction, systemEntropy } from '../kernel/entropy.ts'
import { AuthError } from '../kernel/errors.ts'
import { threadEntry } from '../kernel/process/thread-entry.ts'
import type { FeedSink, RevocationFeed } from '../ports/revocation-feed.ts'
import { aliveEveryMs, type HostSays, type WorkerSays } from './feed-worker-messages.ts'

export type WorkerFeedOptions<Settings> = Readonly<{
  /** The one file that the thread begins with; it calls `runFeedWorker`. */
  entry: URL
  settings: Settings
  ring: MacRing
  clock?: Clock
  entropy?: Entropy
}>

const firstWaitMs = 200
const waitMsMax = 5_000
const lastedMs = 30_000
/** Loading the thread's code takes seconds on a busy machine. */
const startPatienceMs = 30_000
const silenceMs = 5 * aliveEveryMs
const lookAgainMs = 200
const closePatienceMs = 6_000
/** A thread that leaks ends itself before it takes the host's memory. */
const resourceLimits = { maxOldGenerationSizeMb: 512 }

const trouble = (what: string, cause?: unknown): AuthError =>
  new AuthError('LOG_UNAVAILABLE', `the feed’s thread ${what}`, { cause })

type Life = Readonly<{
  /** Settles when the thread is gone: with why, or `null` after `close`. */
  ended: Promise<AuthError | null>
  close: () => void
}>

class WorkerFeed<Settings> implements RevocationFeed {
  readonly #options: Required<WorkerFeedOptions<Settings>>
  #sink: FeedSink | undefined
  #hasTold = false
  #closing = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(options: Required<WorkerFeedOptions<Settings>>) {
    this.#options = options
  }

  async open(sink: FeedSink): Promise<void> {
    this.#sink = sink
    this.#hasTold = false
    const closing = new AbortController()
    this.#closing = closing
    await new Promise<void>((resolve, reject) => {
      this.#running = this.#run(closing.signal, resolve, reject).then(resolve)
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#sink = undefined
    await this.#running
  }

  /** One thread after another, until `signal` aborts or the first does not open. */
  async #run(
    signal: AbortSignal,
    onOpened: () => void,
    onFailed: (error: Error) => void,
  ): Promise<void> {
    const { clock, entropy } = this.#options
    let wasOpened = false
    let wait = firstWaitMs
    while (!signal.aborted) {
      const sinceMs = clock.monotonicMs()
      const why = await this.#live(signal, () => {
        wasOpened = true
        onOpened()
      })
      if (signal.aborted) return
      const error = why ?? trouble('ended')
      if (!wasOpened) return onFailed(error)
      this.#sink?.onTrouble(error)
      // The next thread reads the log from its start, and knows nothing of the one before.
      if (this.#hasTold) this.#sink?.onReset(error.message)
      this.#hasTold = false
      if (clock.monotonicMs() - sinceMs >= lastedMs) wait = firstWaitMs
      await clock.sleep(wait / 2 + (wait / 2) * fraction(entropy), signal)
      wait = Math.min(wait * 2, waitMsMax)
    }
  }

  async #live(signal: AbortSignal, onOpened: () => void): Promise<AuthError | null> {
    const life = this.#start(onOpened)
    const close = (): void => life.close()
    signal.addEventListener('abort', close, { once: true })
    if (signal.aborted) close()
    try {
      return await life.ended
    } finally {
      signal.removeEventListener('abort', close)
    }
  }

  #start(onOpened: () => void): Life {
    const { clock, entry, settings, ring } = this.#options
    let toldKeys = ring.keys
    const workerData = { settings, ring: { ...ring } }
    const worker = new Worker(threadEntry(entry), { workerData, execArgv: [], resourceLimits })
    const say = (message: HostSays): void => worker.postMessage(message)
    const over = new AbortController()
    let why: AuthError | null = null
    let aliveAtMs = clock.monotonicMs()
    let patienceMs = startPatienceMs
    worker.on('message', (message: WorkerSays) => {
      aliveAtMs = clock.monotonicMs()
      if (ring.keys !== toldKeys) {
        toldKeys = ring.keys
        say({ kind: 'ring', ring: { ...ring } })
      }
      if (message.kind === 'opened') {
        patienceMs = silenceMs
        onOpened()
      }
      this.#tell(worker, message, over.signal)
    })
    worker.on('error', (error) => {
      why ??= trouble(`failed: ${error instanceof Error ? error.message : String(error)}`, error)
    })
    const ended = new Promise<AuthError | null>((resolve) => {
      worker.once('exit', () => {
        over.abort()
        resolve(why)
      })
    })
    const watch = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await clock.sleep(aliveEveryMs, over.signal)
        if (clock.monotonicMs() - aliveAtMs <= patienceMs) continue
        // After a pause of this process its timers come before what the thread said meanwhile.
        await clock.sleep(lookAgainMs, over.signal)
        if (clock.monotonicMs() - aliveAtMs <= patienceMs || over.signal.aborted) continue
        why ??= trouble(`was silent for ${patienceMs} ms`)
        await worker.terminate()
      }
    }
    void watch()
    const close = (): void => {
      say({ kind: 'close' })
      void clock.sleep(closePatienceMs, over.signal).then(() => worker.terminate())
    }
    return { ended, close }
  }

  #tell(worker: Worker, message: WorkerSays, over: AbortSignal): void {
    if (over.aborted) return
    const sink = this.#sink
    switch (message.kind) {
      case 'items': {
        this.#hasTold = true
        sink?.onItems(message.items)
        const taken: HostSays = { kind: 'taken' }
        worker.postMessage(taken)
        return
      }
      case 'caught_up':
        this.#hasTold = true
        sink?.onCaughtUp()
        return
      case 'reset':
        sink?.onReset(message.reason)
        return
      case 'trouble':
        sink?.onTrouble(trouble(`has trouble: ${message.message}`))
        return
      case 'opened':
      case 'alive':
        return
    }
  }
}

/**
 * A feed whose client of the log lives in a thread of its own: a crash there (an error that nobody
 * caught, a rejection that nobody handled, no memory left) or silence of 5 s ends the thread and
 * not this process.
 * - `open` rejects with LOG_UNAVAILABLE when the first thread does not open its feed.
 * - Later another thread takes over, with backoff and jitter (200 ms to 5 s). It reads from the
 *   log's start, so the feed resets; meanwhile a guard is stale and says so.
 * - The thread waits while this process does not take what it told: at most 8 batches are between.
 */
export const workerRevocationFeed = <Settings>(
  options: WorkerFeedOptions<Settings>,
): RevocationFeed =>
  new WorkerFeed<Settings>({ clock: systemClock, entropy: systemEntropy, ...options })
