import {
  type BoundedAnswer,
  type BoundedRequest,
  boundedFetch as fetchWithin,
} from '../../kernel/http/bounded-fetch.ts'

export type { Fetch, FetchOnce } from '../../kernel/http/bounded-fetch.ts'

/** One request that cannot hang, grow or wander. @throws AuthError GUARD_STALE */
export const guardFetch = (request: Omit<BoundedRequest, 'code'>): Promise<BoundedAnswer> =>
  fetchWithin({ ...request, code: 'GUARD_STALE' })
