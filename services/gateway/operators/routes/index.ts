export { type OperatorRouteDeps, operatorRoutes } from './operator-routes.ts'
