import { parentPort, workerData } from 'node:worker_threads'
import { logRevocationFeed, type ReadLog } from '../adapters/log-feed/revocation-feed.ts'
import type { MacRing } from '../events/record-mac.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import type { EventLog } from '../ports/event-log.ts'
import {
  aliveEveryMs,
  type HostSays,
  type WorkerSays,
  type WorkerStart,
} from './feed-worker-messages.ts'

/** Messages with items that the host has not taken yet; more make the log wait. */
const inFlightMax = 8
const lookMs = 5

/**
 * The inside of a feed worker: reads the log and tells the host, until it is told to close. What it
 * throws, or leaves unhandled, ends this thread and nothing else.
 */
export const runFeedWorker = async <Settings>(
  openLog: (settings: Settings, ring: MacRing) => Promise<EventLog>,
): Promise<void> => {
  const port = parentPort
  if (!port) throw new Error('a feed worker runs in a thread')
  const { settings, ring: first } = workerData as WorkerStart<Settings>
  let given = first
  const ring: MacRing = {
    ...first,
    get active() {
      return given.active
    },
    get keys() {
      return given.keys
    },
  }
  const say = (message: WorkerSays): void => port.postMessage(message)
  const closing = new AbortController()
  let inFlight = 0
  port.on('message', (said: HostSays) => {
    if (said.kind === 'close') closing.abort()
    else if (said.kind === 'ring') given = said.ring
    else inFlight -= 1
  })
  const beating = beat(say, closing.signal)
  const log = await openLog(settings, ring)
  const room = async (): Promise<void> => {
    while (inFlight >= inFlightMax && !closing.signal.aborted) await clock.sleep(lookMs)
  }
  const feed = logRevocationFeed(paced(log, room), ring, clock)
  await feed.open({
    onItems: (items) => {
      inFlight += 1
      say({ kind: 'items', items })
    },
    onReset: (reason) => say({ kind: 'reset', reason }),
    onCaughtUp: () => say({ kind: 'caught_up' }),
    onTrouble: ({ message }) => say({ kind: 'trouble', message }),
  })
  say({ kind: 'opened' })
  await beating
  await feed.close()
  await log.close()
  port.close()
}

const beat = async (say: (message: WorkerSays) => void, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    say({ kind: 'alive' })
    await clock.sleep(aliveEveryMs, signal)
  }
}

/** What a feed reads of `log`, which hands on a batch only when there is room for it. */
const paced = (log: EventLog, room: () => Promise<void>): ReadLog => ({
  bounds: (partition) => log.bounds(partition),
  follow: (options) =>
    log.follow({
      ...options,
      onBatch: async (batch, goOnAt) => {
        await room()
        await options.onBatch(batch, goOnAt)
      },
    }),
})
