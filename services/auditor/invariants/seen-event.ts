import type { AuthEvent } from '../../../shared/events/event.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'

/** An event with its id taken apart. */
export type SeenEvent = Readonly<{
  id: string
  stream: string
  version: number
  index: number
  at: EpochMs
  event: AuthEvent
}>

const idPattern = /^(.+):(\d{1,15}):(\d{1,6})$/

/** What was read, but for what has no place in a stream. */
export const seenEvents = (
  read: readonly Readonly<{ id: string; at: EpochMs | null; event: AuthEvent }>[],
): SeenEvent[] => read.flatMap(({ id, at, event }) => seenEvent(id, at, event) ?? [])

/** `null` for an id of another form, and for an event without a time, of an older version. */
export const seenEvent = (id: string, at: EpochMs | null, event: AuthEvent): SeenEvent | null => {
  const [, stream, version, index] = idPattern.exec(id) ?? []
  if (stream === undefined || at === null) return null
  return { id, stream, version: Number(version), index: Number(index), at, event }
}
