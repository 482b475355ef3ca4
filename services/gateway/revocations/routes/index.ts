export type { RevocationRouteDeps } from './revocation-route-deps.ts'
export { type EndedBody, type PreviewBody, revocationRoutes } from './revocation-routes.ts'
export { endSessionRoute, revocationsRoute } from './revocations.ts'
export { serviceRoutes } from './service-routes.ts'
