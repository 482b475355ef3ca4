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
} from 'curfew-guard'
import type { MacRing } from 'curfew-guard/kafka'
import type Koa from 'koa'
import type { Drain } from '../../shared/http/drain.ts'
import type { Health } from '../../shared/http/health.ts'
import { refuse } from '../../shared/kernel/config.ts'
import type { Entropy } from '../../shared/kernel/entropy.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { RepeatedTrouble } from '../../shared/kernel/logging/repeated-trouble.ts'
import { logReaderCredentials } from '../../shared/tokens/key-rings/index.ts'
import type { VerifyKey } from '../../shared/tokens/keys/index.ts'
import { isSymmetric } from '../../shared/tokens/keys/index.ts'
import { createOrdersApp, guardHealth } from './app.ts'
import { type OrdersConfig, ordersMistakes, trustOf } from './config.ts'
import type { FeedKind } from './feed-fields.ts'
import { IntrospectionWatch } from './introspection-watch.ts'

export type OrdersPorts = Readonly<{
  feed: RevocationFeed
  /** What the gateway is told, and who introspects: of `sse`, the reader of the feed. */
  feedKind: FeedKind
  /**
   * Of the log; introspection's credentials follow from it when none are configured. `null` when
   * the guard does not read the log.
   */
  ring: MacRing | null
  clock: Clock
  entropy: Entropy
  logger: Logger
  /** What CURFEW_VERIFYING_KEY names; none without it. */
  verifying?: readonly VerifyKey[]
  /** All keys, when they are in this process already. */
  keys?: KeySource | null
  /** Of the process, which is not ready from its beginning on. */
  drain?: Drain | null
}>
export type Orders = Closable & Readonly<{ app: Koa; guard: Guard; health: () => Health }>

const pauseMs = 500

/**
 * The guard opens its feed in the background: `/readyz` says when it may be asked. @throws
 * CONFIG_INVALID
 */
export const composeOrders = (
  { feed, feedKind, ring, clock, entropy, logger, verifying = [], keys, drain }: OrdersPorts,
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
      remoteIntrospection({ url: introspectUrl, ...credential, clock }),
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
  const reporter =
    credential && reporting(config, { guard, feed: feedKind, clock, entropy, ...credential })
  const stop = new AbortController()
  const starting = startUntilOpen(guard, clock, logger, stop.signal)
  const { headerName, headerTypes, userIdClaim } = config
  const http = { cookieName, headerName, headerTypes }
  watch?.follow(guard)
  const stale = { onStale: config.onStale, introspects: () => watch?.answers() ?? false }
  const health = (): Health => guardHealth({ guard, stale })
  const shown = drain?.shown(health) ?? health
  const app = createOrdersApp({ guard, http, userIdClaim, health: shown })
  return {
    app,
    guard,
    health,
    close: async () => {
      stop.abort()
      await starting
      await watch?.close()
      await reporter?.close()
      await guard.close()
    },
  }
}

const reporting = (
  { guardName: name, gatewayUrl }: OrdersConfig,
  { entropy, ...given }: Omit<GuardReportOptions, 'url' | 'name'> & { entropy: Entropy },
): GuardReporter => {
  const instance = entropy.bytes(8).toString('hex')
  const url = new URL(`${gatewayUrl.href.replace(/\/$/, '')}/guards/${instance}`)
  return reportGuard({ ...given, url, name })
}

// No key set can show an HMAC secret, so with HMAC there is nothing to fetch.
const guardKeys = (
  { algorithm }: OrdersConfig,
  verifying: readonly VerifyKey[],
  remote: () => KeySource,
): KeySource => {
  const given = new Map(verifying.map((key) => [key.kid, key]))
  if (algorithm !== null && isSymmetric(algorithm)) return fixedKeys(given)
  return verifying.length === 0 ? remote() : keysBeside(given, remote())
}

const credentialOf = (
  config: OrdersConfig,
  feedKind: FeedKind,
  ring: MacRing | null,
): Readonly<{ clientId: string; secret: string }> | null => {
  const { introspectClient: clientId, introspectSecret: secret, feedClient, feedSecret } = config
  if (clientId !== null && secret !== null) return { clientId, secret }
  if (feedKind === 'sse' && feedClient !== null && feedSecret !== null) {
    return { clientId: feedClient, secret: feedSecret }
  }
  const [derived] = ring ? logReaderCredentials(ring) : []
  return derived ? { clientId: derived.id, secret: derived.secret } : null
}

const startUntilOpen = async (
  guard: Guard,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  const told = new RepeatedTrouble(clock)
  while (!signal.aborted) {
    try {
      await guard.start()
      return
    } catch (error) {
      const times = told.occurred((error as Error).message)
      if (times !== null)
        logger.warn({ error: error as Error, times }, 'the guard waits for its feed')
      await clock.sleep(pauseMs, signal)
    }
  }
}
