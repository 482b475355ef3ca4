import type { BearerClaims } from '../../tokens/claims.ts'
import type { Caller } from '../api/caller.ts'
import type { Guard } from '../api/guard.ts'
import type { OnStale } from '../api/verdict.ts'
import { CallerConnection, type Connection, connectionKey } from './caller-connection.ts'

/** What an adapter needs to know besides the verdict. */
export type CallerParts = Readonly<{
  guard: Partial<Pick<Guard, 'onEnded'>>
  /** What carries the answer: once it is closed, nobody waits for the end any more. */
  connection: Connection | undefined
  onStale: OnStale | undefined
}>

/**
 * The getters are of the class, where nobody sees them who lists or copies the members. On each
 * caller by itself they would be a hidden class of V8's for each request: memory that only a full
 * collection gives back, and a third of a request's time.
 */
class RequestCaller implements Caller {
  readonly claims: BearerClaims
  readonly fresh: boolean
  readonly #parts: CallerParts
  #signal: AbortSignal | null = null
  #connection: CallerConnection | null = null

  constructor({ claims, fresh }: Pick<Caller, 'claims' | 'fresh'>, parts: CallerParts) {
    this.claims = claims
    this.fresh = fresh
    this.#parts = parts
  }

  get signal(): AbortSignal {
    this.#signal ??= this.#start()
    return this.#signal
  }

  /** `undefined` for an object that only has a caller for a prototype, or is a copy of one. */
  get [connectionKey](): CallerConnection | undefined {
    if (!(#parts in this)) return undefined
    this.#connection ??= new CallerConnection(this.#parts)
    return this.#connection
  }

  #start(): AbortSignal {
    const { guard } = this.#parts
    if (!guard.onEnded) throw new TypeError('this guard cannot tell when a caller ends')
    const controller = new AbortController()
    guard.onEnded(this, (ended) => controller.abort(ended))
    return controller.signal
  }
}

export const callerWithSignal = (
  verdict: Pick<Caller, 'claims' | 'fresh'>,
  parts: CallerParts,
): Caller => new RequestCaller(verdict, parts)
