export { type EndedBody, type PreviewBody, revocationRoutes } from './revocation-routes.ts'
export type { RevocationRouteDeps } from './revocation-target.ts'
export { endSessionRoute, revocationsRoute } from './revocations.ts'
export { serviceRoutes } from './service-routes.ts'
