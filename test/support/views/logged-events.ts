import type { Recorded } from '../../../shared/events/decoded-record-cache.ts'
import { decodeEvent } from '../../../shared/events/event-codec.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { EventOpener } from '../../../shared/privacy/index.ts'

export type Logged = Pick<Recorded, 'id' | 'event'>

/**
 * Every event that lies in `auth.events` now, each id once; what does not decode is an Error. With
 * an opener also what is sealed in them.
 */
export const loggedEvents = async (
  log: EventLog,
  opener?: Pick<EventOpener, 'open'>,
): Promise<readonly Logged[]> => {
  const found = new Map<string, Extract<ReturnType<typeof decodeEvent>, { ok: true }>>()
  const partitions = await log.partitions('auth.events')
  for (let partition = 0; partition < partitions; partition += 1) {
    const place = { topic: 'auth.events', partition } as const
    const { start, end } = await log.bounds(place)
    for (let offset = start; offset < end; offset += 1) {
      const raw = await log.recordAt(place, offset)
      const decoded = raw && decodeEvent(raw)
      if (!decoded?.ok) throw new Error(`record ${offset} of auth.events does not decode`)
      found.set(decoded.id, decoded)
    }
  }
  const read = [...found.values()]
  const opened = opener ? await opener.open(read) : read
  return opened.map(({ id, event }) => ({ id, event }))
}
