export { type AuditRouteDeps, auditRoutes } from './audit-routes.ts'
export { questionRoutes } from './question-routes.ts'
