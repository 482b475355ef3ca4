export { AuditReadRecorder, type RecordedReading } from './audit-read-recorder.ts'
export { askingFields } from './audit-settings.ts'
export { arrivedOf, arrivedText, placeOf, placeText } from './event-cursors.ts'
export { eachOf, firstOf, type Page, pageOf, pageOfAny } from './event-pages.ts'
export {
  findAuditActor,
  findAuditClient,
  findAuditSubject,
  findHeldClient,
  findNamed,
  findNamedLive,
  type SettingsClients,
} from './find-audit-subject.ts'
export { followEvents, unlessRetriable } from './follow-events.ts'
export { type Auditing, openAsking, openHeads } from './open-audit.ts'
export {
  type ArrivedEvents,
  type Asking,
  arrivedEvents,
  arrivedSoFar,
  eventBody,
  eventOfId,
  letGoBefore,
  type ReadEvent,
  readEvents,
  type Wanted,
  type WantedPage,
} from './read-events.ts'
export { type AuditorDeps, mayAudit, requireAuditor } from './require-auditor.ts'
export { tailMessages } from './tail-messages.ts'
