export type { RevocationRouteDeps } from './revocation-route-deps.ts'
export { revocationRoutes } from './revocation-routes.ts'
export { serviceRoutes } from './service-routes.ts'
