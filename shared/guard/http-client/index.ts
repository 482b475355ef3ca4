export { basicCredentials } from './basic-credentials.ts'
export { clientRefusal } from './client-refusal.ts'
export { type Fetch, type FetchOnce, guardFetch } from './guard-fetch.ts'
