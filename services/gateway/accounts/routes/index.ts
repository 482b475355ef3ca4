export { meRoutes } from './me-routes.ts'
export { ownAccountRoutes, userRoutes } from './user-routes.ts'
