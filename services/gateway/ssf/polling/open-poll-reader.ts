import type { EventLog } from '../../../../shared/ports/event-log.ts'
import type { Receiver } from '../../../../shared/ports/receivers.ts'
import { changeReceiver } from '../streams/change-receiver.ts'
import { endOfLog } from '../streams/new-receiver.ts'
import type { TransmitterDeps } from '../transmitter.ts'
import { PollReader } from './poll-reader.ts'
import { waitWithin } from './wait-within.ts'

const readingMsMax = 10_000

/** Beyond an end, or in a partition that is not there, it is a place in another log. */
const isOfThisLog = ({ cursor }: Receiver, ends: Receiver['cursor']): boolean =>
  cursor.every(({ partition, next }) =>
    ends.some((end) => end.partition === partition && next <= end.next),
  )

/** Where each partition begins, so that what retention took is not waited for. */
const startsOf = (log: EventLog, ends: Receiver['cursor']): Promise<Receiver['cursor']> =>
  Promise.all(
    ends.map(async ({ partition }) => {
      const { start } = await log.bounds({ topic: 'auth.events', partition })
      return { partition, next: start }
    }),
  )

/**
 * Told from the start of the log that is there now. The generation says to every gateway that what
 * it read belongs to the other one.
 */
const begunAnew = async (
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
 * Reads on from the stored cursor; resolves when what lay in the log by then is read, or after
 * 10 s.
 * @throws AuthError LOG_UNAVAILABLE, STORE_UNAVAILABLE
 */
export const openPollReader = async (
  deps: TransmitterDeps,
  stored: Receiver,
): Promise<PollReader> => {
  const { log, clock } = deps
  const ends = await endOfLog(log)
  const starts = await startsOf(log, ends)
  const fitting = isOfThisLog(stored, ends) ? stored : await begunAnew(deps, stored, starts)
  const cursor = starts.map(({ partition, next }) => {
    const known = fitting?.cursor.find((one) => one.partition === partition)?.next ?? 0
    return { partition, next: Math.max(known, next) }
  })
  const reader = new PollReader(deps, { ...(fitting ?? stored), cursor }, ends)
  await reader.start()
  const reading = (over: AbortSignal): Promise<boolean> => reader.hasRead(ends, over)
  await waitWithin(clock, readingMsMax, reading)
  return reader
}
