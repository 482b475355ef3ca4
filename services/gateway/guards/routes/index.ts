export { type GuardBody, guardRoutes } from './guard-routes.ts'
