import type { BearerClaims } from '../tokens/claims.ts'
import { CallerConnection, type Connection } from './caller-connection.ts'
import type { Guard } from './guard.ts'
import type { OnStale } from './verdict.ts'

/** Who sent the request. */
export type Caller = Readonly<{
  claims: BearerClaims
  /** False only under the policy `allow`, when a revocation may be unknown here. */
  fresh: boolean
  /**
   * Aborts when the caller is none any more, as `guard.onEnded` tells it: `signal.reason` is the
   * `CallerEnded`. It watches from its first use until the response is closed, and no longer. Cost:
   * none to who never uses it. It is not listed among the members, so logging a caller uses it not.
   *
   * @throws TypeError when the guard is one that cannot tell (a stand-in without `onEnded`).
   */
  signal: AbortSignal
}>

/** What an adapter needs to know besides the verdict. */
export type CallerParts = Readonly<{
  guard: Partial<Pick<Guard, 'onEnded'>>
  /** What carries the answer: once it is closed, nobody waits for the end any more. */
  connection: Connection | undefined
  onStale: OnStale | undefined
}>

export const openCaller = (
  { claims, fresh }: Pick<Caller, 'claims' | 'fresh'>,
  { guard, connection, onStale }: CallerParts,
): Caller => {
  let signal: AbortSignal | null = null
  const start = (): AbortSignal => {
    if (!guard.onEnded) throw new TypeError('this guard cannot tell when a caller ends')
    const controller = new AbortController()
    guard.onEnded(caller, (ended) => controller.abort(ended))
    return controller.signal
  }
  const lazily = {
    get: () => {
      signal ??= start()
      return signal
    },
  }
  const caller = Object.defineProperty({ claims, fresh }, 'signal', lazily) as Caller
  return CallerConnection.attach(caller, { connection, onStale })
}
