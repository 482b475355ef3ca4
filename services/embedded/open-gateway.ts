import { join } from 'node:path'
import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import type { Backends, LmdbWriter } from '../../shared/backends/backends.ts'
import { isAtScale, topicsOf } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import { openOwnDirectory } from '../../shared/backends/open-directory.ts'
import type { Drain } from '../../shared/http/drain.ts'
import type { PartHealth } from '../../shared/http/health.ts'
import { listen } from '../../shared/http/listen.ts'
import { RequestsInFlight } from '../../shared/http/requests-in-flight.ts'
import type { Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { keepCompiledCode } from '../../shared/kernel/process/keep-compiled-code.ts'
import type { ProcessContext } from '../../shared/kernel/process/process-context.ts'
import { Meter } from '../../shared/metrics/meter.ts'
import { meteredLog } from '../../shared/metrics/metered-log.ts'
import { meteredStore } from '../../shared/metrics/metered-store.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import type { RateLimits } from '../../shared/ports/rate-limits.ts'
import { longestLifetimeMs } from '../../shared/session/session-policy.ts'
import { type KeyFiles, openKeyFiles } from '../../shared/tokens/key-rings/index.ts'
import { tracedLog } from '../../shared/tracing/traced-log.ts'
import { tracedStore } from '../../shared/tracing/traced-store.ts'
import { openTracing, tracedHandler } from '../../shared/tracing/tracing.ts'
import { openTrailHeads } from '../auditor/heads/index.ts'
import { besideReceipts, ReceiptServer } from '../auditor/receipt-server.ts'
import { trailDirOf } from '../auditor/trail-settings.ts'
import { composeGateway, type Gateway } from '../gateway/compose.ts'
import { attachedGuardMetrics } from '../gateway/guards/index.ts'
import { watchKeys } from '../gateway/lifecycle/index.ts'
import { besideFeed } from '../projector/feed/feed-server.ts'
import { openFeed } from '../projector/feed/open-feed.ts'
import type { EmbeddedConfig } from './config.ts'
import { openAuditor } from './open-auditor.ts'

/** What every process of `curfew start` begins with. */
export type StartOptions = Readonly<{ config: EmbeddedConfig; context: ProcessContext }>

/** What a part of `curfew start` is made of. */
export type PartOptions = StartOptions &
  Readonly<{
    /** The drain of the process: once it begins, `/readyz` says not ready. */
    drain: Drain | null
    /** Where an embedded store is written; without it, in a thread of this process. */
    lmdbWriter?: LmdbWriter
    /**
     * The limits that several processes on one embedded store share; by default those of the store.
     */
    limits?: RateLimits
    /** Keeps the trail. Of several processes on one store the first one does. */
    audits?: boolean
    /** Where another process keeps it. */
    trailHealth?: () => PartHealth
  }>

/** The folder of the key files; made, with its keys, by whoever comes first. */
export const keyFilesOf = (
  { keysDir, dataDir, algorithm: alg, groupAccess }: EmbeddedConfig,
  { entropy }: ProcessContext,
): Promise<KeyFiles> =>
  openKeyFiles({ dir: keysDir ?? join(dataDir, 'keys'), entropy, alg, groupAccess })

export const backendsOf = (
  { config, context, lmdbWriter = { kind: 'thread' } }: PartOptions,
  keys: KeyFiles,
  parts: Lifecycle,
): Promise<Backends> =>
  openBackends({
    ...context,
    config,
    parts,
    service: 'embedded',
    fleet: keys.mac.fleet,
    longestLifetimeMs: longestLifetimeMs(config),
    refusesWrongTopics: true,
    lmdbWriter,
  })

export type ServingGateway = Readonly<{
  gateway: Gateway
  url: string
  keys: KeyFiles
  backends: Backends
  log: EventLog
  meter: Meter
}>

/**
 * Opens the store and the log, and a gateway on them that listens on CURFEW_PORT, with the feed of
 * revocations beside it. It may not sign yet: see `gateway.prepared`.
 */
export const openGateway = async (
  options: PartOptions,
  lifecycle: Lifecycle,
): Promise<ServingGateway> => {
  const { config, context, drain, limits, audits = false } = options
  await lifecycle.use(keepCompiledCode(context.clock))
  const keys = await keyFilesOf(config, context)
  const keyWatch = await lifecycle.use(watchKeys({ ...context, keys }))
  const backends = await backendsOf(options, keys, lifecycle)
  const meter = new Meter()
  const tracing = await openTracing(context.logger)
  const written = meteredLog(await backends.log('writer'), meter, context.clock)
  const log = tracedLog(written, tracing)
  const index = backends.audit()
  const inFlight = new RequestsInFlight(context.clock)
  const auditing = { keys, log, index, store: () => backends.store(), meter, inFlight }
  const trail = audits ? await openAuditor(options, auditing, lifecycle) : null
  const trailHealth = trail?.health ?? options.trailHealth
  const ports = {
    ...{ ...context, keys, keyChanges: keyWatch.onChange, log, meter, drain },
    store: tracedStore(meteredStore(backends.store(), meter, context.clock), tracing),
    tellsWithAppend: backends.tellsWithAppend,
    directory: backends.directory(),
    ownDirectory: openOwnDirectory(config, context),
    limits: limits ?? backends.limits(),
    sessions: backends.sessions(),
    guards: backends.guards(),
    receivers: backends.receivers(),
    ...{ audit: index, view: backends.view() },
    personalKeys: backends.personalKeys(),
    // Several over one Kafka have a trail each, and guards would be shown now one and now another.
    trailHeads: config.audit && !isAtScale(config) ? openTrailHeads(trailDirOf(config)) : null,
    topics: topicsOf(config),
    troubles: {
      ...{ store: backends.trouble, keys: keyWatch.trouble },
      ...(trailHealth && { trail: trailHealth }),
    },
  }
  const gateway = await lifecycle.use(composeGateway(ports, config))
  const logFeed = logRevocationFeed(log, keys.mac, context.clock)
  const feed = await openFeed({ ...context, feed: logFeed, parts: lifecycle }, config)
  const callback = gateway.app.callback()
  const withFeed = feed ? besideFeed(feed.server, callback) : callback
  const receipts =
    trail && new ReceiptServer({ ...trail, clients: config.serviceClients, ...context })
  const handler = receipts ? besideReceipts(receipts, withFeed) : withFeed
  const traced = tracedHandler(handler, tracing)
  const { url } = await lifecycle.use(listen(traced, config, drain, inFlight))
  await lifecycle.use(gateway.polls)
  if (feed) await lifecycle.use(feed.server)
  meter.add(() => attachedGuardMetrics(gateway.rooms))
  return { gateway, url, keys, backends, log, meter }
}
