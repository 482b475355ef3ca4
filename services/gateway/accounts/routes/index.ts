export { type CallerBody, callerSchema, meRoute, meRoutes } from './me-routes.ts'

export { ownAccountRoutes, passwordRoute } from './own-account-routes.ts'

export { type UserBody, userRoutes } from './user-routes.ts'
