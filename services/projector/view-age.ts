import { type PartHealth, unready } from '../../shared/http/health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import type { BlacklistView, ViewClosed } from '../../shared/ports/blacklist-view.ts'

const lookMs = 1_000

export type ViewAgeParts = Readonly<{
  view: Pick<BlacklistView, 'closed'>
  clock: Clock
  /** How long closed time may stand still. */
  maxMs: number
}>

/**
 * How long ago the view's closed time moved, whichever projector folds. It is measured with the
 * monotonic clock of this process. A view that stands still misleads its readers, whatever the
 * cause.
 */
export class ViewAge {
  readonly #parts: ViewAgeParts
  #seen: ViewClosed | null = null
  #movedAtMs: number | null = null

  constructor(parts: ViewAgeParts) {
    this.#parts = parts
  }

  /** Since closed time moved; `null` before it has. */
  ageMs(): number | null {
    return this.#movedAtMs === null ? null : this.#parts.clock.monotonicMs() - this.#movedAtMs
  }

  /** Not ready if the closed time stands still, else `null`. `cause` is added to the message. */
  trouble(cause: string | null): PartHealth | null {
    const ageMs = this.ageMs()
    const why = cause === null ? '' : `: ${cause}`
    if (ageMs === null) {
      const what = this.#seen === null ? 'no closed time yet' : 'closed time is old'
      return unready(`${what}${why === '' ? ': no gateway writes it, or nobody folds it' : why}`)
    }
    if (ageMs <= this.#parts.maxMs) return null
    return unready(`closed time stands still for ${Math.round(ageMs / 1_000)} s${why}`)
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look().catch(() => {}) // A database that does not answer shows as age.
      await this.#parts.clock.sleep(lookMs, signal)
    }
  }

  async #look(): Promise<void> {
    const { view, clock, maxMs } = this.#parts
    const closed = await view.closed()
    if (closed === null) return
    const before = this.#seen
    const hasMoved = before !== null && (closed.t > before.t || closed.logId !== before.logId)
    // At the first read only the wall clock can say whether the closed time is recent.
    const isYoung = before === null && Math.abs(clock.now() - closed.t) <= maxMs
    this.#seen = closed
    if (hasMoved || isYoung) this.#movedAtMs = clock.monotonicMs()
  }
}
