import type { Caller } from '../api/caller.ts'
import type { Guard } from '../api/guard.ts'
import type { OnStale } from '../api/verdict.ts'
import { CallerConnection, type Connection } from './caller-connection.ts'

/** What an adapter needs to know besides the verdict. */
export type CallerParts = Readonly<{
  guard: Partial<Pick<Guard, 'onEnded'>>
  /** What carries the answer: once it is closed, nobody waits for the end any more. */
  connection: Connection | undefined
  onStale: OnStale | undefined
}>

export const callerWithSignal = (
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
