export { meRoute } from './me.ts'
export { type CallerBody, callerSchema, meRoutes } from './me-routes.ts'
export { passwordRoute } from './password.ts'
export { ownAccountRoutes, type UserBody, userRoutes } from './user-routes.ts'
