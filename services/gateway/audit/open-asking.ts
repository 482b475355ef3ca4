import type { Asking } from './read-events.ts'
import { ReadingEvents } from './reading-events.ts'

/** What answers the questions of auditors, and of people about themselves. */
export type Auditing = Asking & Readonly<{ role: string; readings: ReadingEvents }>

export const openAsking = (
  { auditRole: role }: Readonly<{ auditRole: string }>,
  asking: Asking,
): Auditing => ({ ...asking, role, readings: new ReadingEvents() })
