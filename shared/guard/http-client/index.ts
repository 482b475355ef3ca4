export {
  basicCredentials,
  clientRefusal,
  type Fetch,
  type FetchOnce,
  guardFetch,
} from './guard-fetch.ts'
