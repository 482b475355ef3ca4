export {
  type AuditEventBody,
  type AuditPageBody,
  type AuditRouteDeps,
  auditRoutes,
  eventPageSchema,
  ownEventsRoute,
} from './audit-routes.ts'

export { type AnswerRows, questionRoutes } from './question-routes.ts'
