import type { Clock } from '../../../shared/kernel/clock.ts'
import {
  type BoundedAnswer,
  boundedFetch,
  type Fetch,
} from '../../../shared/kernel/http/bounded-fetch.ts'
import type { AskedWitness } from './asked-witness.ts'

export type AskDeps = Readonly<{ fetch: Fetch; clock: Clock }>

const timeoutMs = 5_000
const bytesMax = 16 * 1024

/** A path below the address of a witness. @throws AuthError WITNESS_UNAVAILABLE */
export const requestWitness = (
  { url }: AskedWitness,
  path: string,
  init: RequestInit,
  { fetch, clock }: AskDeps,
): Promise<BoundedAnswer> =>
  boundedFetch({
    ...{ fetch, clock, timeoutMs, bytesMax, init },
    url: new URL(`${url.pathname.replace(/\/$/, '')}${path}`, url),
    code: 'WITNESS_UNAVAILABLE',
  })
