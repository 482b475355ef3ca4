import type { Clock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import { boundedFetch, type FetchOnce } from '../kernel/http/bounded-fetch.ts'
import type { TrailHeads } from '../ports/trail-heads.ts'
import { parseHeads } from './head-answer.ts'
import { headUrl } from './head-query.ts'

const timeoutMs = 2_000
const bytesMax = 256 * 1024

/** The heads that an auditor shows at `url`, its `/audit/head`. */
export const remoteHeads = (
  url: URL,
  { fetch, clock }: Readonly<{ fetch: FetchOnce; clock: Clock }>,
): TrailHeads => ({
  newest: async (known) => {
    const { status, text } = await boundedFetch({
      ...{ fetch, clock, url: headUrl(url, known), timeoutMs, bytesMax },
      init: {},
      code: 'TRAIL_UNAVAILABLE',
    })
    if (status === 404) return null
    if (status === 200 && parseHeads(text) !== null) return text
    const problem = status === 200 ? 'what is no head' : String(status)
    throw new AuthError('TRAIL_UNAVAILABLE', `${url.origin}${url.pathname} answered ${problem}`)
  },
})
