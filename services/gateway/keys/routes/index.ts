export { type KeysBody, keyRoutes, type RotatedBody } from './key-routes.ts'
export type { KeyRouteDeps } from './keys.ts'
