import type { Clock } from '../kernel/clock.ts'
import { duration, durationTakes, field, optional } from '../kernel/config.ts'
import { aborted } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { draining, type Health, namesOf } from './health.ts'

/** How a process with an HTTP port stops. */
export const drainFields = {
  drainMs: optional({
    env: 'CURFEW_DRAIN',
    schema: duration().refine((ms) => ms <= 10 * 60_000, { error: 'must be at most 10m' }),
    takes: durationTakes,
    doc:
      'After SIGTERM: how long `/readyz` says 503 while everything is still served, so that ' +
      'balancers look elsewhere before the port closes. Longer than they take to notice. Without ' +
      'it 5s, and 0 for `start`, which has no balancer. SIGINT and SIGHUP skip it, and so does a ' +
      'process that was not ready.',
  }),
  stopTimeoutMs: field({
    env: 'CURFEW_STOP_TIMEOUT',
    schema: duration().refine((ms) => ms <= 10 * 60_000, { error: 'must be at most 10m' }),
    otherwise: '10s',
    takes: durationTakes,
    doc: 'After the drain: how long requests in flight may take; then they are cut.',
  }),
} as const

/** Long enough for a probe every second that must fail twice, and for the news to travel. */
export const defaultDrainMs = 5_000

type Draining = Readonly<{
  /** Aborted when the process is to stop; its reason is the signal. */
  stop: AbortSignal
  ms: number
  health: () => Health
  clock: Clock
  logger: Logger
}>

/**
 * The time between "stop" and the end of listening: `/readyz` is 503, every request is served, and
 * every answer closes its connection, so that the next one is made elsewhere.
 */
export class Drain {
  readonly #begun = new AbortController()

  get hasBegun(): boolean {
    return this.#begun.signal.aborted
  }

  onBegin(listener: () => void): void {
    this.#begun.signal.addEventListener('abort', listener, { once: true })
  }

  /** What `/readyz` says: as `health`, until it begins. */
  shown(health: () => Health): () => Health {
    // Also in place of what else may be told of the process.
    return () => (this.hasBegun ? { ...health(), process: draining } : health())
  }

  /**
   * Resolves when the drain is over that `stop` begins. A person's Ctrl-C waits for nobody, and who
   * was not ready is in no balancer.
   */
  async served({ stop, ms, health, clock, logger }: Draining): Promise<void> {
    await aborted(stop)
    const isServing = namesOf(health(), 'unready').length === 0
    this.#begun.abort()
    if (stop.reason !== 'SIGTERM' || !isServing || ms === 0) return
    logger.info({ ms }, 'draining: /readyz says 503, requests are still served')
    await clock.sleep(ms)
  }
}
