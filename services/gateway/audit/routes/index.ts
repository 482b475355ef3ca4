export { auditRoutes } from './audit-routes.ts'
export type { AuditRouteDeps } from './events.ts'
