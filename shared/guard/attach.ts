import { systemClock } from '../kernel/clock.ts'
import { AuthError } from '../kernel/errors.ts'
import type { Fetch } from './bounded-fetch.ts'
import { fetchGatewayMetadata } from './gateway-metadata.ts'
import { createGuard, type Guard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { remoteIntrospection } from './introspection.ts'
import { remoteKeys } from './jwks.ts'
import { sseRevocationFeed } from './sse-feed.ts'

export type AttachOptions = Readonly<{
  /** The public URL of the gateway, letter for letter: the `iss` of its tokens. */
  gateway: string
  /** A service client of the gateway and of the projector, with `introspect` and `feed`. */
  clientId: string
  secret: string
  /** `GET /feed` of a projector; without it the gateway's own, as `curfew start` serves it. */
  feed?: string
  /** The gateway's name without it, as in tokens for which nobody chose another. */
  audience?: GuardOptions['audience']
  /** Allows http to another machine, where something else protects the way. Default `false`. */
  insecure?: boolean
  fetch?: Fetch
}> &
  Partial<Omit<GuardOptions, 'issuer' | 'audience' | 'keys' | 'feed' | 'introspect'>>

/**
 * A guard from two addresses: it asks the gateway where its keys and its introspection are, hears
 * of revocations by server-sent events, and asks the gateway when it is stale. Resolves with a
 * started guard when the feed is open; `guard.ready()` says when it has caught up, and until then
 * every check asks the gateway. Cost: three requests, one of which stays open.
 *
 * @throws AuthError CONFIG_INVALID for addresses that are wrong or not safe; GUARD_STALE and
 *   LOG_UNAVAILABLE when the gateway or the feed does not answer: then try again.
 * @example
 * const guard = await attachGuard({
 *   gateway: 'https://auth.example',
 *   feed: 'https://projector.internal/feed',
 *   clientId: 'orders',
 *   secret: config.clientSecret,
 * })
 */
export const attachGuard = async ({
  gateway,
  clientId,
  secret,
  feed,
  insecure = false,
  fetch = globalThis.fetch,
  ...options
}: AttachOptions): Promise<Guard> => {
  const { clock = systemClock, onAlarm = () => {} } = options
  const asking = { clientId, secret, clock, fetch }
  const { issuer, jwksUrl, introspectUrl } = await fetchGatewayMetadata({
    gateway,
    insecure,
    clock,
    fetch,
  })
  const feedUrl = feed ?? new URL('/feed', issuer).href
  if (!URL.canParse(feedUrl)) throw new AuthError('CONFIG_INVALID', `${feedUrl} is no address`)
  const guard = createGuard({
    audience: issuer,
    ...options,
    issuer,
    clock,
    onAlarm,
    keys: remoteKeys({ url: jwksUrl, clock, fetch, onAlarm }),
    introspect: remoteIntrospection({ url: introspectUrl, ...asking }),
    feed: sseRevocationFeed({ url: new URL(feedUrl), insecure, ...asking }),
  })
  try {
    await guard.start()
    return guard
  } catch (error) {
    await guard.close()
    throw error
  }
}
