export { statusListRoutes } from './status-list-routes.ts'
