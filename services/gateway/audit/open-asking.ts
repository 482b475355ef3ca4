import type { Asking } from './read-events.ts'
import { ReadingEvents } from './reading-events.ts'
import { Tails } from './tails.ts'

/** What answers the questions of auditors, and of people about themselves. */
export type Auditing = Asking & Readonly<{ role: string; readings: ReadingEvents; tails: Tails }>

export const openAsking = (
  { auditRole: role }: Readonly<{ auditRole: string }>,
  asking: Asking,
): Auditing => ({ ...asking, role, readings: new ReadingEvents(), tails: new Tails() })
