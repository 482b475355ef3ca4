import { setInBoundedMap } from '../../kernel/bounded-map.ts'
import type { EpochMs, LogId } from '../../kernel/ids.ts'
import type { Freshness } from '../freshness/index.ts'

const logsMax = 64

/** The greatest closed time that was read under each identity of the log, of the last 64. */
export class ClosedTimesByLog {
  readonly #last = new Map<LogId, EpochMs>()

  /** In the order in which the identities were met last. */
  get last(): ReadonlyMap<LogId, EpochMs> {
    return this.#last
  }

  note({ logId, closed }: Freshness): void {
    if (logId === null || closed === null) return
    const known = this.#last.get(logId) ?? closed
    setInBoundedMap(this.#last, logId, known > closed ? known : closed, logsMax)
  }
}
