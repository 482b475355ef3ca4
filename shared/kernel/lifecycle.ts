import { systemClock } from './clock.ts'

export interface Closable {
  close(): Promise<void>
}

/**
 * Opens parts in order and closes them in reverse; when one fails to close, the rest still close.
 */
export class Lifecycle {
  readonly #parts: Closable[] = []
  #closing: Promise<void> | undefined

  async use<Part extends Closable>(opening: Part | Promise<Part>): Promise<Part> {
    const part = await opening
    this.#parts.push(part)
    return part
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = []
    for (const part of this.#parts.reverse()) {
      await part.close().catch((error: unknown) => errors.push(error))
    }
    if (errors.length > 0) throw new AggregateError(errors, 'some parts failed to close')
  }
}

/** `npm start` passes a Ctrl-C on that its child has from the terminal already. */
const echoMs = 500

/**
 * Aborts at the first of the signals, which is its reason; a second one ends the process at once.
 */
export const stopOnSignals = (...signals: readonly NodeJS.Signals[]): AbortSignal => {
  const controller = new AbortController()
  const { signal } = controller
  let firstMs = 0
  for (const name of signals) {
    process.on(name, () => {
      const nowMs = systemClock.monotonicMs()
      if (!signal.aborted) {
        firstMs = nowMs
        controller.abort(name)
        return
      }
      const isEcho = name === 'SIGINT' && signal.reason === name && nowMs - firstMs < echoMs
      if (!isEcho) process.exit(1)
    })
  }
  return signal
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
