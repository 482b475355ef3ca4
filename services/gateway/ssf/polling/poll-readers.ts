import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import { endOfLog } from '../streams/create-receiver.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { PollReader } from './poll-reader.ts'
import { waitWithin } from './wait-within.ts'

const readMsMax = 10_000

/** A cursor beyond an end, or in a partition that does not exist, is one of another log. */
const isOfThisLog = ({ cursor }: Receiver, ends: Receiver['cursor']): boolean =>
  cursor.every(({ partition, next }) =>
    ends.some((end) => end.partition === partition && next <= end.next),
  )

/** Where each partition begins, so that deleted records are not waited for. */
const startsOf = (log: EventLog, ends: Receiver['cursor']): Promise<Receiver['cursor']> =>
  Promise.all(
    ends.map(async ({ partition }) => {
      const { start } = await log.bounds({ topic: 'auth.events', partition })
      return { partition, next: start }
    }),
  )

/**
 * Stores a cursor at the start of the log, and a new generation, by which every gateway knows that
 * what it read so far is of the former log.
 */
const restartAtLogStart = async (
  { receivers, logger }: TransmitterDeps,
  { id, generation }: Receiver,
  starts: Receiver['cursor'],
): Promise<Receiver | null> => {
  logger.warn({ receiver: id }, 'the event log is another one; a receiver is told of all of it')
  return changeReceiver(receivers, id, (now) =>
    now.generation === generation
      ? { ...now, cursor: starts, acked: [], generation: generation + 1 }
      : null,
  )
}

/**
 * Opens a reader at the stored cursor. Resolves when it has read what was in the log at the call,
 * or after 10 s.
 * @throws AuthError LOG_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const openPollReader = async (
  deps: TransmitterDeps,
  stored: Receiver,
): Promise<PollReader> => {
  const { log, clock } = deps
  const ends = await endOfLog(log)
  const starts = await startsOf(log, ends)
  const receiver = isOfThisLog(stored, ends)
    ? stored
    : await restartAtLogStart(deps, stored, starts)
  const cursor = starts.map(({ partition, next }) => {
    const storedNext = receiver?.cursor.find((one) => one.partition === partition)?.next ?? 0
    return { partition, next: Math.max(storedNext, next) }
  })
  const reader = new PollReader(deps, { ...(receiver ?? stored), cursor }, ends)
  await reader.start()
  const reading = (stop: AbortSignal): Promise<boolean> => reader.readUpTo(ends, stop)
  await waitWithin(clock, readMsMax, reading)
  return reader
}

const idleMsMax = 5 * 60_000

/** The readers that this gateway has open, one for each stream that is polled here. */
export class PollReaders {
  readonly #deps: TransmitterDeps
  readonly #readers = new Map<string, Promise<PollReader>>()

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
  }

  ids(): readonly string[] {
    return [...this.#readers.keys()]
  }

  /** Whether the stream was not polled for five minutes, or its reader could not be opened. */
  async isIdle(id: string): Promise<boolean> {
    const reader = await this.#readers.get(id)?.catch(() => null)
    return !reader || reader.idleMs > idleMsMax
  }

  /** The reader of a stream; opens one if there is none that fits `stored`. */
  async of(stored: Receiver): Promise<PollReader> {
    const { id, generation } = stored
    const opening = this.#readers.get(id)
    const current = await opening?.catch(() => null)
    if (current?.generation === generation && !current.isOutdated) {
      current.touch()
      return current
    }
    // Another poll may have opened one meanwhile.
    const other = this.#readers.get(id)
    if (other && other !== opening) return other
    const next = openPollReader(this.#deps, stored)
    this.#readers.set(id, next)
    // Awaited together: an unhandled rejection of `next` would end the process.
    const [reader] = await Promise.all([next, current?.stop()])
    return reader
  }

  async close(id: string): Promise<void> {
    const opening = this.#readers.get(id)
    this.#readers.delete(id)
    await opening?.then((reader) => reader.stop()).catch(() => {})
  }
}
