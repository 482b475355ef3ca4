export type { HoldRouteDeps } from './hold-routes.ts'
export { holdRoutes } from './hold-routes.ts'
