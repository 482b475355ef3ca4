import type { LogRecord } from '../../../shared/events/log-record.ts'
import type { MacRing } from '../../../shared/events/record-mac.ts'
import { workerRevocationFeed } from '../../../shared/guard-kafka/worker-revocation-feed.ts'
import { systemEntropy } from '../../../shared/kernel/entropy.ts'
import { aRing } from './builders.ts'
import type { Fault, Told } from './told-feed-worker.ts'

const entry = new URL('./told-feed-worker.ts', import.meta.url)

/** A feed in a thread, whose log the test writes, and whose faults it chooses. */
export const toldWorker = (ring: MacRing = aRing()) => {
  const channel = systemEntropy.bytes(8).toString('hex')
  const line = new BroadcastChannel(channel)
  const history: LogRecord[] = []
  let begun = 0
  const say = (told: Told): void => line.postMessage(told)
  line.onmessage = (event: unknown) => {
    if ((event as { data: Told }).data.kind !== 'begin') return
    begun += 1
    say({ kind: 'records', records: history, history: true })
  }
  return {
    feed: workerRevocationFeed({ entry, settings: { channel }, ring }),
    ring,
    /** Threads that began so far. */
    begun: () => begun,
    publish: async (records: readonly LogRecord[]): Promise<void> => {
      history.push(...records)
      say({ kind: 'records', records, history: false })
    },
    fail: (fault: Fault): void => say({ kind: 'fault', fault }),
    hangUp: (): void => line.close(),
  }
}
