export {
  type DeadLetterBody,
  type DeadLettersBody,
  deadLetterRoutes,
} from './dead-letter-routes.ts'
export {
  type KnownClientBody,
  listingRoutes,
  type ReceiverBody,
  type SettingBody,
} from './listing-routes.ts'
export {
  type FoundSessionBody,
  type OperatorRouteDeps,
  type OverviewBody,
  operatorRoutes,
  type ToldSessionBody,
} from './operator-routes.ts'
