import type { Clock } from '../../../shared/kernel/clock.ts'
import { arrivedText } from './event-cursors.ts'
import { type Followed, followInBatches } from './follow-events.ts'
import { eventBody } from './read-events.ts'

/** A reader that hears nothing for longer takes its connection for dead. */
const pulseMs = 5_000
/** How long a browser waits before it comes again. */
const againMs = 2_000

export type Tailing = Followed &
  Readonly<{
    clock: Clock
    /** Throws once the reader may not read any more; asked before anything is shown. */
    stillMayRead: () => Promise<void>
    /** Why the reader may not read any more, as it was last found; `null` while it may. */
    refusal: () => unknown
    /** What is said of why it ended. */
    bodyOf: (thrown: unknown) => object
  }>

const message = (type: string, data: object, id: string | null): string =>
  `${id === null ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`

/**
 * What follows the events says, as server-sent events: `events` with those of one look, `pulse`
 * where there were none for a while, and `end` with the reason, when the reader may not go on. Each
 * but the last has an id, by which a reader goes on where it was.
 */
export const tailMessages = async function* (tailing: Tailing): AsyncGenerator<string> {
  const { clock, stillMayRead, tell, bodyOf } = tailing
  const telling: Followed['tell'] = async (shown) => {
    await stillMayRead()
    await tell(shown)
  }
  let saidMs = clock.monotonicMs()
  try {
    yield `retry: ${againMs}\n\n`
    for await (const look of followInBatches({ ...tailing, tell: telling })) {
      if (tailing.stop.aborted) return
      const events = look?.events ?? []
      const refused = tailing.refusal()
      if (refused !== null) throw refused
      const isQuiet = clock.monotonicMs() - saidMs < pulseMs
      if (events.length === 0 && isQuiet) continue
      saidMs = clock.monotonicMs()
      const id = look && arrivedText(look.arrived)
      const shown = events.map(eventBody)
      yield shown.length > 0 ? message('events', { events: shown }, id) : message('pulse', {}, id)
    }
  } catch (thrown) {
    yield message('end', bodyOf(thrown), null)
  }
}
