import {
  type Clock,
  configuredForeignIssuer,
  createGuard,
  fixedKeys,
  type Guard,
  type GuardAlarm,
  type GuardReporter,
  type GuardReportOptions,
  type KeySource,
  keysBeside,
  type RevocationFeed,
  remoteIntrospection,
  remoteKeys,
  reportGuard,
  witnessTrail,
} from 'curfew-guard'
import type { MacRing } from 'curfew-guard/kafka'
import type Koa from 'koa'
import type { Drain } from '../../shared/http/drain.ts'
import type { Health } from '../../shared/http/health.ts'
import { refuse } from '../../shared/kernel/config.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import type { FetchOnce } from '../../shared/kernel/http/bounded-fetch.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { isSymmetric, type VerifyKey } from '../../shared/tokens/keys/index.ts'
import { createOrdersApp, guardHealth } from './app.ts'
import { type OrdersConfig, ordersMistakes, trustOf } from './config.ts'
import type { FeedKind } from './feed-settings.ts'
import { type Credential, credentialOf, withCredential } from './gateway-credential.ts'
import { IntrospectionWatch } from './introspection-watch.ts'
import { startGuard } from './start-guard.ts'

export type OrdersPorts = Readonly<{
  feed: RevocationFeed
  /**
   * The kind of feed, which is reported to the gateway. With `sse` the feed’s credentials serve
   * for introspection too.
   */
  feedKind: FeedKind
  /**
   * The MAC ring of the log. Credentials for introspection follow from it if none are configured.
   * `null` if the guard does not read the log.
   */
  ring: MacRing | null
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** The keys that CURFEW_VERIFYING_KEY names; none without it. */
  verifying?: readonly VerifyKey[]
  /** All keys, if the gateway is in the same process. */
  keys?: KeySource | null
  /** The drain of the process: once it begins, `/readyz` says not ready. */
  drain?: Drain | null
  /** How a report reaches the gateway, if not by Node’s `fetch`. */
  fetch?: FetchOnce
}>
export type Orders = Closable & Readonly<{ app: Koa; guard: Guard; health: () => Health }>

/**
 * Composes the service. The guard opens its feed in the background, and `/readyz` says when it is
 * ready. @throws CONFIG_INVALID
 */
export const composeOrders = (
  { feed, feedKind, ring, clock, entropy, logger, verifying = [], keys, drain, fetch }: OrdersPorts,
  config: OrdersConfig,
): Orders => {
  refuse(ordersMistakes(config))
  const { issuer, audience, jwksUrl, introspectUrl, cookieName } = trustOf(config)
  const credential = credentialOf(config, feedKind, ring)
  const onAlarm = ({ kind, detail }: GuardAlarm): void =>
    logger.warn({ kind, detail }, 'guard alarm')
  const watch =
    credential &&
    new IntrospectionWatch(
      remoteIntrospection(withCredential({ url: introspectUrl, clock }, credential)),
      clock,
      config.readyWithinMs,
    )
  const guard = createGuard({
    issuer,
    audience,
    feed,
    clock,
    keys: keys ?? guardKeys(config, verifying, () => remoteKeys({ url: jwksUrl, clock, onAlarm })),
    introspect: watch?.introspect ?? null,
    onStale: config.onStale,
    maxStalenessMs: config.maxStalenessMs,
    introspectionKeptMs: config.introspectionKeptMs ?? config.maxStalenessMs,
    leewayMs: config.leewayMs,
    accept: config.accept,
    foreign: configuredForeignIssuer(config, { clock, onAlarm }),
    onAlarm,
  })
  const asking = { clock, ...(fetch && { fetch }) }
  const url = new URL(`${addressOf(config)}/audit/head`)
  const witness =
    credential && witnessTrail(withCredential({ ...asking, url, onAlarm }, credential))
  const reporter =
    credential &&
    openReporter(config, credential, {
      ...{ ...asking, guard, feed: feedKind, entropy },
      ...(witness && { witness }),
    })
  const stop = new AbortController()
  const starting = startGuard(guard, clock, logger, stop.signal)
  const { headerName, headerTypes, userIdClaim } = config
  const http = { cookieName, headerName, headerTypes }
  watch?.follow(guard)
  const stale = { onStale: config.onStale, introspects: () => watch?.answers() ?? false }
  const health = (): Health => guardHealth({ guard, stale })
  const drainedHealth = drain?.shown(health) ?? health
  const app = createOrdersApp({ guard, http, userIdClaim, health: drainedHealth })
  return {
    app,
    guard,
    health,
    close: async () => {
      stop.abort()
      await starting
      await watch?.close()
      await reporter?.close()
      await witness?.close()
      await guard.close()
    },
  }
}

const addressOf = ({ gatewayUrl }: OrdersConfig): string => gatewayUrl.href.replace(/\/$/, '')

const openReporter = (
  config: OrdersConfig,
  credential: () => Credential,
  {
    entropy,
    ...given
  }: Omit<GuardReportOptions, 'url' | 'name' | keyof Credential> & {
    entropy: Entropy
  },
): GuardReporter => {
  const instance = entropy.bytes(8).toString('hex')
  const url = new URL(`${addressOf(config)}/guards/${instance}`)
  return reportGuard(withCredential({ ...given, url, name: config.guardName }, credential))
}

// A key set cannot have an HMAC secret, so with HMAC nothing is fetched.
const guardKeys = (
  { algorithm }: OrdersConfig,
  verifying: readonly VerifyKey[],
  remote: () => KeySource,
): KeySource => {
  const configured = new Map(verifying.map((key) => [key.kid, key]))
  if (algorithm !== null && isSymmetric(algorithm)) return fixedKeys(configured)
  return verifying.length === 0 ? remote() : keysBeside(configured, remote())
}
