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

/** Of its first record, the oldest. What does not say when it was made does not wait. */
const madeMs = ({ records: [first] }: LogBatch): number => {
  const at = Date.parse(first?.headers['ce_time'] ?? '')
  return Number.isNaN(at) ? Number.NEGATIVE_INFINITY : at
}

const follow = async (
  log: EventLog,
  { clock, isBusy, delayMaxMs }: Yielding,
  options: FollowOptions,
): Promise<Following> => {
  const stopping = new AbortController()
  const { signal } = stopping
  const turn = async (batch: LogBatch): Promise<void> => {
    const untilMs = madeMs(batch) + delayMaxMs
    // A wall clock that is set back would make them wait for longer.
    const giveUpMs = clock.monotonicMs() + delayMaxMs
    const mayWait = (): boolean => clock.now() < untilMs && clock.monotonicMs() < giveUpMs
    while (isBusy() && mayWait() && !signal.aborted) await clock.sleep(lookMs, signal)
  }
  const following = await log.follow({
    ...options,
    onBatch: async (batch, goOnAt) => {
      await turn(batch)
      await options.onBatch(batch, goOnAt)
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
 * a quarter to a third of the refreshes of a busy process; now it is the time in between, and after
 * `delayMaxMs` of unbroken load their share again.
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
