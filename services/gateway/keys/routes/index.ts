export { type KeyRouteDeps, type KeysBody, keyRoutes, type RotatedBody } from './key-routes.ts'
