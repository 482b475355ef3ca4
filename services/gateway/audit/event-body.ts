import type { ReadEvent } from './read-events.ts'

/** An event as `GET /audit/events` and `curfew audit query --json` show it. */
export const eventBody = ({ id, at, actor, request, event }: ReadEvent) => ({
  id,
  time: at === null ? null : new Date(at).toISOString(),
  type: event.type,
  actor,
  request,
  data: event.data,
})
