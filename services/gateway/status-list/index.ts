export { openStatusListIndex, openStatusLists } from './open-status-lists.ts'
export { acceptedClaims, isStatusClaim } from './status-list-indexes.ts'
export { statusListFields } from './status-list-settings.ts'
export { listsAddress, StatusLists } from './status-lists.ts'
