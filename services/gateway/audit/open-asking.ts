import { AuditReadRecorder } from './audit-read-recorder.ts'
import type { Asking } from './read-events.ts'
import { Tails } from './tails.ts'

/** What answers the questions of auditors, and of people about themselves. */
export type Auditing = Asking &
  Readonly<{ role: string; readings: AuditReadRecorder; tails: Tails }>

export const openAsking = (
  { auditRole: role }: Readonly<{ auditRole: string }>,
  asking: Asking,
): Auditing => ({ ...asking, role, readings: new AuditReadRecorder(), tails: new Tails() })
