import type { EventData } from '../../../shared/events/event.ts'

export type Invariant = EventData<'InvariantBroken'>['invariant']

/** Something that no right history holds, and the events that show it. */
export type Breach = Readonly<{
  invariant: Invariant
  stream: string
  sub: string | null
  sid: string | null
  /** In the order in which they happened; of a missing one, its id. */
  events: readonly string[]
}>

/**
 * The same breach has the same name, whoever finds it, and whenever: by what was broken, and not by
 * how often.
 */
export const breachName = ({ invariant, stream, events: [first = ''] }: Breach): string =>
  `invariant-broken:${invariant}:${stream}:${first}`
