import { mergeSession, type SessionEntry } from '../../shared/events/session-entry.ts'
import type { LogId, SessionId } from '../../shared/kernel/ids.ts'
import type { ViewClosed, ViewEntry } from '../../shared/ports/blacklist-view.ts'
import type { Projection } from './projection.ts'

/**
 * A write costs a durable transaction, or some requests to a database, however much it brings. But
 * a refresh may wait behind a transaction of LMDB's: with this many records it takes some 60 ms
 * (13.9 µs of processor a record; 13.5 with five times as many, 15.1 with a quarter).
 */
const recordsMax = 4_000

/** What batches of one partition change that came in a row, to be written as one. */
export class ViewWriteBatch {
  readonly entries: ViewEntry[] = []
  readonly #sessions = new Map<SessionId, SessionEntry>()
  #next: number
  #records = 0
  #closed: ViewClosed | null = null
  #logId: LogId | null = null
  #unreadableAt: number | null = null

  /** They begin at `next`. */
  constructor(next: number) {
    this.#next = next
  }

  /** One past the last record that is in here. */
  get next(): number {
    return this.#next
  }

  get isEmpty(): boolean {
    return this.#records === 0
  }

  get isFull(): boolean {
    return this.#records >= recordsMax
  }

  get closed(): ViewClosed | null {
    return this.#closed
  }

  get logId(): LogId | null {
    return this.#logId
  }

  get unreadableAt(): number | null {
    return this.#unreadableAt
  }

  get sessions(): readonly SessionEntry[] {
    return [...this.#sessions.values()]
  }

  add(
    { entries, sessions, closed, logId, unreadableAt }: Projection,
    { records, next }: Readonly<{ records: number; next: number }>,
  ): void {
    for (const entry of entries) this.entries.push(entry)
    // A refresh tells of its session twice, and of one session there may be many in a batch.
    for (const entry of sessions) {
      const kept = this.#sessions.get(entry.sid)
      this.#sessions.set(entry.sid, kept ? mergeSession(kept, entry) : entry)
    }
    // Behind what cannot be read, closed time stands still.
    if (this.#unreadableAt === null) this.#closed = closed ?? this.#closed
    this.#unreadableAt ??= unreadableAt
    this.#logId = logId ?? this.#logId
    this.#records += records
    this.#next = next
  }
}
