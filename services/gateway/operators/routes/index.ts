export { type OperatorRouteDeps, type OverviewBody, operatorRoutes } from './operator-routes.ts'
