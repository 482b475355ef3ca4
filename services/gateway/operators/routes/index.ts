export { listingRoutes } from './listing-routes.ts'
export {
  type FoundSessionBody,
  type OperatorRouteDeps,
  type OverviewBody,
  operatorRoutes,
  type ToldSessionBody,
} from './operator-routes.ts'
