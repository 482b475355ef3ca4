export {
  type EndedBody,
  endSessionRoute,
  type PreviewBody,
  revocationRoutes,
  revocationsRoute,
} from './revocation-routes.ts'
export type { RevocationRouteDeps } from './revocation-target.ts'

export { revokeRoutes } from './revoke-routes.ts'
