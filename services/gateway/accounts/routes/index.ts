export { type CallerBody, callerSchema, meRoute, meRoutes } from './me-routes.ts'

export { passwordRoute } from './password.ts'
export { ownAccountRoutes, type UserBody, userRoutes } from './user-routes.ts'
