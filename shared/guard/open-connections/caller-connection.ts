import {
  isResponseOver,
  type OpenResponse,
  onResponseOver,
} from '../../kernel/http/response-end.ts'
import type { OnStale } from '../api/verdict.ts'

/** A response or a socket of `node:http`, as far as it is looked at here. */
export type Connection = OpenResponse

type Given = Readonly<{ connection: Connection | undefined; onStale: OnStale | undefined }>

/**
 * Under which a caller has its connection. Of the registry, since ES modules and CommonJS have a
 * copy of this file each.
 */
export const connectionKey: unique symbol = Symbol.for('curfew.guard.connection')

/** What a caller's connection is, for the guard: what waits for its end ends with it. */
export class CallerConnection {
  readonly onStale: OnStale | undefined
  readonly #connection: Connection | undefined
  /** There from the first that waits on: most callers are never asked for their end. */
  #stops: Set<() => void> | null = null

  constructor({ connection, onStale }: Given) {
    this.#connection = connection
    this.onStale = onStale
  }

  static of(caller: object): CallerConnection | undefined {
    return (caller as { [connectionKey]?: CallerConnection })[connectionKey]
  }

  get isClosed(): boolean {
    return this.#connection !== undefined && isResponseOver(this.#connection)
  }

  /** Calls `stop` when the connection closes; what is returned forgets it, and calls it. */
  stopOnClose(stop: () => void): () => void {
    if (this.#connection === undefined) return stop
    const stops = this.#stops ?? this.#heard(this.#connection)
    stops.add(stop)
    return () => {
      stops.delete(stop)
      stop()
    }
  }

  #heard(connection: Connection): Set<() => void> {
    const stops = new Set<() => void>()
    this.#stops = stops
    onResponseOver(connection, () => {
      for (const stop of stops) stop()
      stops.clear()
    })
    return stops
  }
}
