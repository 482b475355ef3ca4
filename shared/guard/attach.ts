import { systemClock } from '../kernel/clock.ts'
import { AuthError, isAuthError } from '../kernel/errors.ts'
import { reasonOf } from './alarm.ts'
import type { Fetch } from './bounded-fetch.ts'
import { foundGateway } from './found-gateway.ts'
import { createGuard, type Guard } from './guard.ts'
import type { GuardOptions } from './guard-options.ts'
import { patientFeed } from './patient-feed.ts'
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
 * started guard; `guard.ready()` says when it has caught up, and until then every check asks the
 * gateway. Where gateway or feed do not answer, it resolves too, after some seconds at most: checks
 * are `unavailable` (503) and never accepted, `onAlarm` says why, and both are tried every second
 * until they are there. Cost: three requests, one of which stays open.
 *
 * @throws AuthError CONFIG_INVALID for options and addresses that are wrong or not safe, for a
 *   gateway that calls itself otherwise, and for credentials that the feed refuses.
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
  const asking = { clientId, secret, insecure, clock, fetch }
  const { keys, introspect, find } = foundGateway({ gateway, onAlarm, ...asking })
  const guard = createGuard({
    audience: gateway,
    ...options,
    issuer: gateway,
    clock,
    onAlarm,
    keys,
    introspect,
    feed: patientFeed(sseRevocationFeed({ url: feedAddress(gateway, feed), ...asking }), clock),
  })
  try {
    await find().catch((error: unknown) => {
      if (isAuthError(error, 'CONFIG_INVALID')) throw error
      onAlarm({ kind: 'keys_failed', detail: reasonOf(error) })
    })
    await guard.start()
    return guard
  } catch (error) {
    await guard.close()
    throw error
  }
}

const feedAddress = (gateway: string, feed: string | undefined): URL => {
  const [address, base] = feed === undefined ? ['/feed', gateway] : [feed, undefined]
  if (URL.canParse(address, base)) return new URL(address, base)
  throw new AuthError('CONFIG_INVALID', `${feed ?? gateway} is no address`)
}
