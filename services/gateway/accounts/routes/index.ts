export { type CallerBody, callerSchema, meRoute, meRoutes } from './me-routes.ts'

export { passwordRoute, passwordRoutes } from './password-routes.ts'

export { type UserBody, userRoutes } from './user-routes.ts'
