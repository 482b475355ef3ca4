export { basicCredentials } from './basic-credentials.ts'
export { boundedFetch, type Fetch, type FetchOnce } from './bounded-fetch.ts'
export { clientRefusal } from './client-refusal.ts'
