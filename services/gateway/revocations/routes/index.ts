export {
  type EndedBody,
  endSessionRoute,
  type PreviewBody,
  revocationRoutes,
  revocationsRoute,
} from './revocation-routes.ts'
export type { RevocationRouteDeps } from './revocation-target.ts'

export { serviceRoutes } from './service-routes.ts'
