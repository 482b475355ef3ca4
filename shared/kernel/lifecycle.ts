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

/** Aborts at the first of the signals; a second one ends the process at once. */
export const stopOn = (...signals: readonly NodeJS.Signals[]): AbortSignal => {
  const controller = new AbortController()
  for (const name of signals) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      controller.abort(name)
    })
  }
  return controller.signal
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
