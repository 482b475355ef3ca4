import { systemClock } from '../kernel/clock.ts'
import { systemEntropy } from '../kernel/entropy.ts'
import { AuthError, isAuthError } from '../kernel/errors.ts'
import { errorWithCauses, type OnAlarm } from './api/alarm.ts'
import { createGuard, type Guard } from './create-guard.ts'
import { type ConfiguredTrust, discoveredGateway, GatewayMonitor } from './discovery/index.ts'
import { retryingFeed, sseRevocationFeed } from './feed/index.ts'
import type { GuardOptions } from './guard-options.ts'
import type { Fetch } from './http-client/index.ts'
import { loggedAlarms, reportGuard, standardErrorLogger } from './reporting/index.ts'
import { checkAuditKeys, witnessTrail } from './witnessing/index.ts'

export type AttachOptions = Readonly<{
  /** The address of the gateway, with its base path if it has one. */
  gateway: string
  /** A service client of the gateway and of the projector, with `introspect` and `feed`. */
  clientId: string
  secret: string
  /** `GET /feed` of a projector; without it the gateway's own, as `curfew start` serves it. */
  feed?: string
  /** Exactly the `iss` of tokens; as the gateway says, without it. */
  issuer?: string
  /** The `aud` of tokens for this service; as the gateway says, without it. */
  audience?: GuardOptions['audience']
  /** Algorithms of keys that count, such as `ES256`; all that the key set shows, without it. */
  algorithms?: readonly string[]
  /** What `GET /guards` of the gateway calls the service; `clientId` without it. */
  name?: string
  /**
   * Verifier keys of the trail (the lines of `verifier-keys`), if nobody else’s signature shall
   * count; without it, those that the gateway names first. docs/audit.md, *Witnesses*.
   */
  auditKeys?: readonly string[]
  /** Allows http to another machine, where something else protects the way. Default `false`. */
  insecure?: boolean
  fetch?: Fetch
}> &
  Partial<Omit<GuardOptions, 'issuer' | 'audience' | 'keys' | 'feed' | 'introspect' | 'learned'>>

/** Names of guards and ids of clients are of the same letters. */
const nameOf = (name: string): string => {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(name)) return name
  throw new AuthError('CONFIG_INVALID', 'name must be up to 64 of A-Z a-z 0-9 . _ -')
}

/** At random, new with each start. */
const newInstance = (): string => systemEntropy.bytes(8).toString('hex')

/**
 * A guard from two addresses: it asks the gateway where its keys and its introspection are, whose
 * tokens these are and where requests hold them, hears of revocations by server-sent events, and
 * asks the gateway when it is stale. `GET /guards` of the gateway shows it. Resolves with a started
 * guard; `guard.ready()` says when it has caught up, and until then every check asks the gateway.
 * Where gateway or feed do not answer, it resolves too, after some seconds at most: checks are
 * `unavailable` (503) and never accepted, and both are tried every second until they are there.
 *
 * What it cannot do (a feed that is none, a client without the permission, a gateway that is down)
 * is said at once and every minute, in one line that names the setting: to `logger`, or without one
 * on standard error, and to `onAlarm`. Where the gateway shows heads of a trail, the guard keeps
 * the newest, compares it with the next one, and tells `trail_disputed`; that changes no verdict.
 * Cost: five requests, one of which stays open; one more in 5 s, and three a minute.
 *
 * @throws AuthError CONFIG_INVALID for options and addresses that are wrong or not safe, for a
 *   gateway whose tokens nobody can verify here, and for credentials that the feed refuses.
 * @example
 * const guard = await attachGuard({
 *   gateway: 'https://auth.example',
 *   feed: 'https://projector.internal/feed',
 *   clientId: 'orders',
 *   secret: config.clientSecret,
 * })
 */
export const attachGuard = async ({
  gateway: address,
  clientId,
  secret,
  feed,
  issuer,
  audience,
  algorithms,
  name,
  auditKeys = [],
  insecure = false,
  fetch = globalThis.fetch,
  logger = standardErrorLogger,
  onAlarm: hook = () => {},
  ...options
}: AttachOptions): Promise<Guard> => {
  const { clock = systemClock, accept } = options
  const shownName = nameOf(name ?? clientId)
  checkAuditKeys(auditKeys)
  const onAlarm = bothOf(loggedAlarms(logger, clock), hook)
  const asking = { clientId, secret, insecure, clock, fetch }
  const told: ConfiguredTrust = { issuer, audience, accept, algorithms }
  const gateway = discoveredGateway({ gateway: address, onAlarm, configured: told, ...asking })
  const local = createGuard({
    ...options,
    issuer: issuer ?? address,
    audience: audience ?? address,
    learned: gateway.trust,
    clock,
    onAlarm,
    keys: gateway.keys,
    introspect: gateway.introspect,
    feed: retryingFeed(sseRevocationFeed({ url: feedAddress(address, feed), ...asking }), clock),
  })
  const watch = new GatewayMonitor({
    gateway,
    configured: told,
    introspects: (options.onStale ?? 'introspect') === 'introspect',
    clock,
    onAlarm,
    startReporting: (guards, witness) => {
      const url = new URL(`${guards.href}/${newInstance()}`)
      return reportGuard({ guard: local, url, name: shownName, feed: 'sse', witness, ...asking })
    },
    startWitnessing: (url) => witnessTrail({ url, auditKeys, onAlarm, ...asking }),
  })
  const guard = watched(local, watch)
  try {
    await gateway.discover().catch((error: unknown) => {
      if (isAuthError(error, 'CONFIG_INVALID')) throw error
      onAlarm({ kind: 'keys_failed', detail: errorWithCauses(error) })
    })
    await guard.start()
    await watch.start()
    return guard
  } catch (error) {
    await guard.close()
    throw error
  }
}

const bothOf =
  (one: OnAlarm, other: OnAlarm): OnAlarm =>
  (alarm) => {
    one(alarm)
    other(alarm)
  }

/** The same guard, which closes what watches it first. */
const watched = (guard: Guard, watch: GatewayMonitor): Guard => {
  const close = guard.close.bind(guard)
  return Object.assign(guard, {
    requests: watch.requests,
    close: async () => {
      await watch.close()
      await close()
    },
  })
}

const feedAddress = (gateway: string, feed: string | undefined): URL => {
  const [address, base] = feed === undefined ? ['/feed', gateway] : [feed, undefined]
  if (URL.canParse(address, base)) return new URL(address, base)
  throw new AuthError('CONFIG_INVALID', `${feed ?? gateway} is no address`)
}
