import type { Receiver } from '../../../../shared/ports/receivers.ts'
import type { TransmitterDeps } from '../transmitter-deps.ts'
import { openPollReader } from './open-poll-reader.ts'
import type { PollReader } from './poll-reader.ts'

const idleMsMax = 5 * 60_000

/** The readers that this gateway has open, one for each stream that is polled here. */
export class PollReaders {
  readonly #deps: TransmitterDeps
  readonly #readers = new Map<string, Promise<PollReader>>()

  constructor(deps: TransmitterDeps) {
    this.#deps = deps
  }

  ids(): readonly string[] {
    return [...this.#readers.keys()]
  }

  /** Whether the stream was not polled for five minutes, or its reader could not be opened. */
  async isIdle(id: string): Promise<boolean> {
    const reader = await this.#readers.get(id)?.catch(() => null)
    return !reader || reader.idleMs > idleMsMax
  }

  /** The reader of a stream; opens one if there is none that fits `stored`. */
  async of(stored: Receiver): Promise<PollReader> {
    const { id, generation } = stored
    const opening = this.#readers.get(id)
    const current = await opening?.catch(() => null)
    if (current?.generation === generation && !current.isOutdated) {
      current.touch()
      return current
    }
    // Another poll may have opened one meanwhile.
    const other = this.#readers.get(id)
    if (other && other !== opening) return other
    const next = openPollReader(this.#deps, stored)
    this.#readers.set(id, next)
    // Awaited together: an unhandled rejection of `next` would end the process.
    const [reader] = await Promise.all([next, current?.stop()])
    return reader
  }

  async close(id: string): Promise<void> {
    const opening = this.#readers.get(id)
    this.#readers.delete(id)
    await opening?.then((reader) => reader.stop()).catch(() => {})
  }
}
