import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import type { LogRecord } from '../../../shared/events/log-record.ts'
import { runFeedWorker } from '../../../shared/guard-kafka/run-feed-worker.ts'

export type Fault = 'rejection' | 'exception' | 'hang' | 'memory' | 'exit'
export type Told =
  | Readonly<{ kind: 'begin' }>
  | Readonly<{ kind: 'records'; records: readonly LogRecord[]; history: boolean }>
  | Readonly<{ kind: 'fault'; fault: Fault }>

const fail = (fault: Fault): void => {
  switch (fault) {
    case 'rejection':
      void Promise.reject(new Error('nobody handles this'))
      return
    case 'exception':
      throw new SyntaxError('thrown by a handler')
    case 'hang':
      // For ever, as a loop would, but without a processor's time.
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    case 'memory': {
      const hoard: number[][] = []
      for (;;) hoard.push(new Array<number>(1_000_000).fill(Math.PI))
    }
    case 'exit':
      process.exit(3)
  }
}

/** A feed worker on a log in its memory, which the test fills, and which fails as the test says. */
await runFeedWorker(async ({ channel: name }: Readonly<{ channel: string }>) => {
  const log = openMemoryEventLog()
  const channel = new BroadcastChannel(name)
  const begun = new Promise<void>((resolve) => {
    channel.onmessage = (event: unknown) => {
      const told = (event as { data: Told }).data
      if (told.kind === 'records') void log.publish(told.records)
      if (told.kind === 'records' && told.history) resolve()
      if (told.kind === 'fault') fail(told.fault)
    }
  })
  channel.postMessage({ kind: 'begin' } satisfies Told)
  await begun
  const close = async (): Promise<void> => {
    channel.close()
    await log.close()
  }
  return { ...log, close }
})
