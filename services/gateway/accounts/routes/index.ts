export { type CallerBody, meRoutes } from './me-routes.ts'
export { ownAccountRoutes, type UserBody, userRoutes } from './user-routes.ts'
