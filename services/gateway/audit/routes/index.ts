export {
  type AuditEventBody,
  type AuditPageBody,
  type AuditRouteDeps,
  auditRoutes,
  eventPageSchema,
} from './audit-routes.ts'
export { ownEventsRoute } from './events.ts'
export { type AnswerRows, questionRoutes } from './question-routes.ts'
