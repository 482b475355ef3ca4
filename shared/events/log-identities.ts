import type { LogId } from '../kernel/ids.ts'
import type { RevocationItem } from './revocation-record.ts'

/**
 * The lives of the log that a reader has met, by the identities in its closed times. A log that was
 * made again may have grown past the offset wanted: only these tell. History that is read again
 * names old ones, which is no news.
 */
export class LogIdentities {
  readonly #met = new Set<LogId>()
  #current: LogId | null = null

  /** The one in force: the newest that was news. */
  get current(): LogId | null {
    return this.#current
  }

  /** The first identity among `items` that is news to a reader who knows one, or `null`. */
  another(items: readonly RevocationItem[]): LogId | null {
    let known = this.#current
    for (const item of items) {
      if (item.kind !== 'closed' || this.#met.has(item.closed.logId)) continue
      if (item.closed.logId === known) continue
      if (known !== null) return item.closed.logId
      known = item.closed.logId
    }
    return null
  }

  meet(items: readonly RevocationItem[]): void {
    for (const item of items) if (item.kind === 'closed') this.enter(item.closed.logId)
  }

  /** One that is news is in force from here on. */
  enter(logId: LogId): void {
    if (this.#met.has(logId)) return
    this.#met.add(logId)
    this.#current = logId
  }

  /**
   * Whether it counts: a reader that met an old identity after the one in force would take it for
   * yet another log. Revocations always do.
   */
  counts(item: RevocationItem): boolean {
    return item.kind !== 'closed' || item.closed.logId === this.#current
  }
}
