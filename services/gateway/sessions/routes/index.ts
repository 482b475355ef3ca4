export { cookieRoutes } from './cookie-routes.ts'
export { type SessionPageBody, sessionRoutes } from './session-routes.ts'
export { simpleJwtRoutes } from './simple-jwt-routes.ts'
