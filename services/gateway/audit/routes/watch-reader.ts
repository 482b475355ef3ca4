import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../../shared/kernel/clock.ts'
import { unlessRetriable } from '../index.ts'

const lookEveryMs = 500
/** Who reads is told the reason within this time; what is not read by then is taken back. */
const partingMs = 1_000
/** Who takes nothing for so long makes room for others, and may come again. */
const stalledMaxMs = 10_000

export type WatchedReader = Readonly<{
  /** Throws once the reader may not read any more. */
  stillMayRead: () => Promise<void>
  response: Pick<ServerResponse, 'writableNeedDrain'>
  /** Ends the connection, and takes back what was not sent yet. */
  cut: () => void
  clock: Clock
  /** Aborts when the answer is over. */
  gone: AbortSignal
}>

/** Why a reader may not read any more; `null` while it may. */
export type Refusal = () => unknown

/**
 * Watches a reader of a stream until the answer is over, also one that takes nothing: a stream asks
 * only when it is read, so without this a reader that stops reading kept its place and megabytes of
 * events after its session had ended.
 */
export const watchReader = ({
  stillMayRead,
  response,
  cut,
  clock,
  gone,
}: WatchedReader): Refusal => {
  let refusal: unknown = null
  const look = async (): Promise<void> => {
    let [stalledMs, refusedMs] = [0, 0]
    while (!gone.aborted) {
      await clock.sleep(lookEveryMs, gone)
      stalledMs = response.writableNeedDrain ? stalledMs + lookEveryMs : 0
      if (refusal !== null) refusedMs += lookEveryMs
      else refusal = await stillMayRead().then(() => null, asRefusal)
      const isOver = refusal !== null && (stalledMs > 0 || refusedMs >= partingMs)
      if (gone.aborted || isOver || stalledMs >= stalledMaxMs) break
    }
    if (!gone.aborted) cut()
  }
  void look()
  return () => refusal
}

const asRefusal = (error: unknown): unknown => {
  try {
    return unlessRetriable(error)
  } catch (refused) {
    return refused
  }
}
