export { cookieRoutes } from './cookie-routes.ts'
export { sessionRoutes } from './session-routes.ts'
export { tokenViewRoutes } from './token-view-routes.ts'
