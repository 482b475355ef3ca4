import type { EventCheck } from '../../../shared/events/event-mac.ts'
import type { AuditIndex } from '../../../shared/ports/audit-index.ts'
import type { Asking } from './read-events.ts'
import { ReadingEvents } from './reading-events.ts'

/** What answers the questions of auditors, and of people about themselves. */
export type Auditing = Asking & Readonly<{ role: string; readings: ReadingEvents }>

export const openAsking = (
  { auditRole: role }: Readonly<{ auditRole: string }>,
  index: AuditIndex,
  events: EventCheck,
): Auditing => ({ index, events, role, readings: new ReadingEvents() })
