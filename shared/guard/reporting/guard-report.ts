import type { Clock } from '../../kernel/clock.ts'
import type { Guard } from '../api/guard.ts'
import type { TrailSight, TrailWitness } from '../api/trail-sight.ts'
import { basicCredentials, type FetchOnce, guardFetch } from '../http-client/index.ts'

export type GuardReportOptions = Readonly<{
  guard: Pick<Guard, 'metrics'>
  /** The gateway's `/guards/<instance>`; the instance is random, new with each start. */
  url: URL
  /** Read at each report, as `secret` is. */
  clientId: string
  secret: string
  /** What people call the service, and how it hears: up to 64 of `A-Z a-z 0-9 . _ -`. */
  name: string
  feed: string
  /** Tells what the guard saw of the trail, too. */
  witness?: Pick<TrailWitness, 'sight'>
  clock: Clock
  everyMs?: number
  timeoutMs?: number
  fetch?: FetchOnce
}>

export interface GuardReporter {
  /** How many reports were sent, and how many of those failed. */
  counts(): Readonly<{ sent: number; failed: number }>
  close(): Promise<void>
}

const bytesMax = 16 * 1024
/**
 * The first report comes after this part of `everyMs`: it does not delay a start, and finds the
 * guard ready.
 */
const firstPart = 0.1

const sightIn = (sight: TrailSight | null = null) =>
  sight
    ? { state: sight.state, head: sight.head, seen_at: sight.seenAt, age_ms: sight.ageMs }
    : undefined

/**
 * Tells the gateway that this guard is there, every 5 s and first after half a second, so that
 * `GET /guards` shows it. It looks at the guard and touches nothing: no check waits for it, and a
 * report that fails is counted and forgotten. Close it before the guard.
 *
 * @example
 * const reporter = reportGuard({
 *   guard,
 *   url: new URL(`https://auth.example/guards/${randomBytes(8).toString('hex')}`),
 *   clientId: 'orders',
 *   secret: config.clientSecret,
 *   name: 'orders',
 *   feed: 'kafka',
 *   clock: systemClock,
 * })
 */
export const reportGuard = (options: GuardReportOptions): GuardReporter => {
  const { guard, url, name, feed, clock } = options
  const { everyMs = 5_000, timeoutMs = 2_000, fetch = globalThis.fetch } = options
  const stop = new AbortController()
  let sent = 0
  let failed = 0

  const bodyNow = (): string => {
    const { ready, closedTime, stalenessMs, entries, refusalSeconds: refusals } = guard.metrics()
    const told = { name, feed, ready, closed_time: closedTime, staleness_ms: stalenessMs }
    const trail = sightIn(options.witness?.sight())
    return JSON.stringify({ ...told, revocations: entries, refusals, trail })
  }
  const send = async (): Promise<void> => {
    sent += 1
    const headers = {
      authorization: `Basic ${basicCredentials(options.clientId, options.secret)}`,
      'content-type': 'application/json',
    }
    const init = { method: 'POST', headers, body: bodyNow() }
    try {
      const { status } = await guardFetch({ fetch, clock, url, init, timeoutMs, bytesMax })
      if (status !== 204) failed += 1
    } catch {
      failed += 1
    }
  }
  const run = async (): Promise<void> => {
    // The host has started by then, and so has the guard, most of the time.
    await clock.sleep(everyMs * firstPart, stop.signal)
    while (!stop.signal.aborted) {
      await send()
      await clock.sleep(everyMs, stop.signal)
    }
  }
  const running = run()
  return {
    counts: () => ({ sent, failed }),
    close: async () => {
      stop.abort()
      await running
    },
  }
}
