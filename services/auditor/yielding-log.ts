import type { Clock } from '../../shared/kernel/clock.ts'
import type { EventLog, Following, FollowOptions, LogBatch } from '../../shared/ports/event-log.ts'

type Yielding = Readonly<{
  clock: Clock
  /** Whether the process has its hands full with requests. */
  isBusy: () => boolean
  /** No record waits longer. 0: none waits. */
  delayMaxMs: number
}>

/** How soon it is noticed that there is time again. */
const lookMs = 50

/**
 * When the first record of a batch, the oldest, was made. A record that does not say when does not
 * wait.
 */
const madeMs = ({ records: [first] }: LogBatch): number => {
  const at = Date.parse(first?.headers['ce_time'] ?? '')
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at
}

/** A process is calm that had time for so long. */
const calmMs = 1_000

/** When a reader may go on. */
class Turns {
  readonly #yielding: Yielding
  readonly #signal: AbortSignal
  /**
   * What is behind is read from the files, which costs more than to keep up: under a load that was
   * waited out once nothing waits any more, until there is calm.
   */
  #isWaitedOut = false
  #calmSinceMs: number | null = null
  /** When the last batch was dealt with. */
  #doneMs = Number.POSITIVE_INFINITY

  constructor(yielding: Yielding, signal: AbortSignal) {
    this.#yielding = yielding
    this.#signal = signal
  }

  async next(batch: LogBatch): Promise<void> {
    const { clock, delayMaxMs } = this.#yielding
    // Nothing came for so long: there was calm, though nobody looked.
    if (clock.monotonicMs() - this.#doneMs >= calmMs) this.#isWaitedOut = false
    const untilMs = madeMs(batch) + delayMaxMs
    // A wall clock that is set back would make them wait for longer.
    const giveUpMs = clock.monotonicMs() + delayMaxMs
    while (this.#mustWait() && !this.#signal.aborted) {
      if (clock.now() >= untilMs || clock.monotonicMs() >= giveUpMs) {
        this.#isWaitedOut = true
        return
      }
      await clock.sleep(lookMs, this.#signal)
    }
  }

  done(): void {
    this.#doneMs = this.#yielding.clock.monotonicMs()
  }

  #mustWait(): boolean {
    const { clock, isBusy } = this.#yielding
    if (isBusy()) {
      this.#calmSinceMs = null
      return !this.#isWaitedOut
    }
    this.#calmSinceMs ??= clock.monotonicMs()
    if (clock.monotonicMs() - this.#calmSinceMs >= calmMs) this.#isWaitedOut = false
    return false
  }
}

const follow = async (
  log: EventLog,
  yielding: Yielding,
  options: FollowOptions,
): Promise<Following> => {
  const stopping = new AbortController()
  const turns = new Turns(yielding, stopping.signal)
  const following = await log.follow({
    ...options,
    onBatch: async (batch, goOnAt) => {
      await turns.next(batch)
      await options.onBatch(batch, goOnAt)
      turns.done()
    },
  })
  return {
    stop: () => {
      stopping.abort()
      return following.stop()
    },
  }
}

/**
 * The same log for a reader whom no request waits for, in a process that serves: while that is
 * busy, batches wait, for `delayMaxMs` at most. The log keeps what waits. Trail and index took
 * a quarter to a third of the refreshes of a busy process; now they take the time in between, and
 * after `delayMaxMs` of unbroken load their share again, until a second of calm.
 */
export const yieldingLog = (log: EventLog, yielding: Yielding): EventLog => {
  if (yielding.delayMaxMs === 0) return log
  return {
    publish: (records) => log.publish(records),
    partitions: (topic) => log.partitions(topic),
    bounds: (partition) => log.bounds(partition),
    endsBelow: (...given) => log.endsBelow(...given),
    recordAt: (...given) => log.recordAt(...given),
    follow: (options) => follow(log, yielding, options),
    healthy: () => log.healthy(),
    mistakes: () => log.mistakes(),
    denials: () => log.denials(),
    close: () => log.close(),
  }
}
