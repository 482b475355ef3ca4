export { type KeyRingBody, keyRoutes } from './key-routes.ts'
export type { KeyRouteDeps } from './keys.ts'
