export { holdRoutes } from './hold-routes.ts'
export type { HoldRouteDeps } from './holds.ts'
