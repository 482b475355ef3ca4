export { cookieRoutes, loginRoute, refreshRoute, slidingLoginRoute } from './cookie-routes.ts'

export { logoutRoute } from './logout-handler.ts'

export {
  ownSessionsRoute,
  type SessionPageBody,
  sessionPageSchema,
  sessionRoutes,
} from './session-routes.ts'

export { simpleJwtRoutes } from './simple-jwt-routes.ts'
