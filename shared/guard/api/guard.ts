import type { Caller } from './caller.ts'
import type { CallerEnded } from './caller-ended.ts'
import type { GuardMetrics } from './guard-metrics.ts'
import type { RequestPlaces } from './token-places.ts'
import type { CheckOptions, GuardFreshness, GuardStatus, OnStale, Verdict } from './verdict.ts'

export type OnEndedOptions = Readonly<{
  /** What happens while the guard is stale; that of the request's adapter, or of the guard. */
  onStale?: OnStale | undefined
}>

export interface Guard {
  /**
   * Fetches the keys and opens the feed. Resolves when the feed is open, not when the guard is
   * ready. Rejects with what the feed rejects with.
   */
  start(): Promise<void>
  /**
   * Whether tokens are judged from this process's own, fresh knowledge: the service may get
   * traffic.
   */
  ready(): boolean
  /**
   * Judges one access token. Never rejects. Cost when fresh: for a token seen before a few
   * microseconds, else one signature check; no network. When stale and told to introspect: one
   * request, shared and kept for `introspectionKeptMs`. An unknown key id may cost one fetch of the
   * key set in 30 s, a `minPosition` a wait of up to `positionWaitMs` and one request.
   */
  check(token: string, options?: CheckOptions): Promise<Verdict>
  /** How old the guard's knowledge may be, this instant. Cost: none. */
  freshness(): GuardFreshness
  /**
   * Calls back once, when the caller is none any more: at the revocation of its token, session,
   * subject, client or of everyone, as soon as this guard refuses it; at `exp`; where the guard is
   * stale, by the policy (`deny` ends it, `introspect` asks the gateway while that answers, `allow`
   * goes on); and when the guard is closed. Of one that ended already: at once, before it returns.
   *
   * It watches until the call of what it returns, and for the caller of a request until the
   * response or socket is closed. Cost: some 5 µs and 1.3 kB; a revocation costs a step
   * for each caller that it names, however many are open. What `callback` throws is an alarm.
   *
   * @example
   * const stop = guard.onEnded(caller, ({ by }) => socket.close(4401, by))
   */
  onEnded(
    caller: Pick<Caller, 'claims'>,
    callback: (ended: CallerEnded) => unknown,
    options?: OnEndedOptions,
  ): () => void
  /** Where requests hold their tokens: adapters look there unless they are told otherwise. */
  readonly requests?: RequestPlaces
  /** For health pages. Cost: none. */
  status(): GuardStatus
  /** What it counted; for metrics. Cost: a few small objects. */
  metrics(): GuardMetrics
  /** Checks that wait for a position end. */
  close(): Promise<void>
}
