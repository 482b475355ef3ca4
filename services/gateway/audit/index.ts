export { AuditReadRecorder, type RecordedReading } from './audit-read-recorder.ts'
export { askingFields } from './audit-settings.ts'
export { eventBody } from './event-body.ts'
export { arrivedOf, arrivedText, placeOf, placeText } from './event-cursors.ts'
export { findAuditSubject, knownOrInEvents } from './find-audit-subject.ts'
export { followEvents, unlessRetriable } from './follow-events.ts'
export { letGoBefore } from './let-go-before.ts'
export { type Auditing, openAsking } from './open-asking.ts'
export { openHeads } from './open-heads.ts'

export {
  type ArrivedEvents,
  type Asking,
  arrivedEvents,
  arrivedSoFar,
  eventOfId,
  type ReadEvent,
  readEvents,
  type Wanted,
  type WantedPage,
} from './read-events.ts'
export { type AuditorDeps, mayAudit, requireAuditor } from './require-auditor.ts'
export { tailMessages } from './tail-messages.ts'
export { eachOf, firstOf, type Page, pageOf } from './walk-events.ts'
