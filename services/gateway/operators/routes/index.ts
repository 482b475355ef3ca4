export { listingRoutes } from './listing-routes.ts'
export { type OperatorRouteDeps, type OverviewBody, operatorRoutes } from './operator-routes.ts'
