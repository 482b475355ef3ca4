import { ok, type PartHealth } from '../../shared/http/health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { WorkerOrder } from './worker-messages.ts'
import type { WorkerPool } from './worker-pool.ts'

const everyMs = 1_000

/** In the primary, which keeps the trail: tells every worker how it is, each second. */
export const tellTrailHealth = (
  pool: Pick<WorkerPool, 'tell'>,
  health: () => PartHealth,
  clock: Clock,
): Closable => {
  const stopping = new AbortController()
  const telling = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      pool.tell({ kind: 'trail', health: health() })
      await clock.sleep(everyMs, stopping.signal)
    }
  }
  const told = telling()
  return {
    close: () => {
      stopping.abort()
      return told
    },
  }
}

/** In a worker: the last that the primary told. */
export const toldTrailHealth = (): (() => PartHealth) => {
  let last = ok('not told yet')
  process.on('message', (order: WorkerOrder) => {
    if (order.kind === 'trail') last = order.health
  })
  return () => last
}
