export { type AuditRouteDeps, auditRoutes } from './audit-routes.ts'
