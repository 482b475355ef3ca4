import type Koa from 'koa'
import { gatewayActor, noOrigin } from '../../shared/events/event.ts'
import { tokenNames } from '../../shared/fleet/token-names.ts'
import { configuredForeignIssuer, type ForeignIssuer } from '../../shared/guard/index.ts'
import type { Health } from '../../shared/http/health.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { refuse } from '../../shared/kernel/config.ts'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../shared/kernel/logger.ts'
import { openAccessKeys } from '../../shared/tokens/configured-keys/index.ts'
import { type AccessKeys, publishedJwks } from '../../shared/tokens/key-rings/index.ts'
import { type CookiePolicy, cookiePolicy } from '../../shared/tokens/requests/index.ts'
import { rememberedVisits } from './accounts/known-addresses.ts'
import { LoginLimits } from './accounts/login-limits.ts'
import { openPasswords } from './accounts/password-hashing.ts'
import { usersSettings } from './accounts/users-from-settings.ts'
import {
  audienceOf,
  baseUrlOf,
  configMistakes,
  type GatewayConfig,
  issuerOf,
  maxClockErrorMs,
  publicUrlOf,
} from './config.ts'
import type { GatewayPorts } from './gateway-ports.ts'
import { createApp } from './http/app.ts'
import { CookieJar } from './http/cookie-jar.ts'
import { logReaders, ServiceClients } from './http/service-clients.ts'
import { originsOf } from './http/trusted-origins.ts'
import { GatewayEvidence } from './lifecycle/evidence.ts'
import { healthOf, type Progress, type Troubles } from './lifecycle/health.ts'
import { warnOfDangers } from './lifecycle/insecure-setting-warnings.ts'
import { startLoops } from './lifecycle/start.ts'
import type { GatewayParts } from './parts.ts'
import { tellAct, tellTyped } from './publication/commit-log-line.ts'
import { LogIdentity } from './publication/log-identity.ts'
import { Publisher } from './publication/publisher.ts'
import { StoreClock } from './publication/store-clock.ts'
import { MassRevocations } from './revocations/mass-revocations.ts'
import type { RouteParts } from './route-parts.ts'
import { Departures } from './sessions/logouts-in-flight.ts'
import { PollDesk } from './ssf/polling/polls.ts'
import type { TransmitterParts } from './ssf/transmitter.ts'
import { listerOf, openStatusLists } from './status-list/open-status-lists.ts'
import { listsAddress } from './status-list/status-lists.ts'
import { loadClaimsHook } from './tokens/claims-hook.ts'
import { TokenDesk } from './tokens/token-issuer.ts'

const noTroubles: Troubles = { store: () => null, keys: () => null }

export type Gateway = Closable &
  Readonly<{
    app: Koa
    /** What it signs with and accepts; follows the key files. */
    access: AccessKeys
    parts: RouteParts
    /** Close it before the server: it answers the polls that wait. */
    polls: Closable
    health: () => Health
    /** Resolves when the gateway may sign; never, when the store does not come. */
    prepared: Promise<void>
    /** Resolves with the mistake that no waiting can mend; never, when there is none. */
    fatal: Promise<AuthError>
  }>

/**
 * Builds the gateway on its ports and starts its loops. It may start before the store and the log
 * do: it answers 503 until they are there, and `/readyz` says what it waits for.
 * @throws AuthError CONFIG_INVALID with every mistake that one field alone cannot show.
 */
export const composeGateway = async (
  given: GatewayPorts,
  config: GatewayConfig,
): Promise<Gateway> => {
  const evidence = new GatewayEvidence(given.clock, config.readyWithinMs)
  const ports = evidence.watching(given)
  const { log, keys, logger, troubles = noTroubles } = ports
  const cookies = checkedCookies(config)
  const access = await openAccessKeys(keys.access, config)
  warnOfDangers(config, access, logger)
  const { identity, parts: commands } = await openCommands(ports, access, config, evidence)
  const transmitter = transmitterOf(ports, config, commands)
  const parts: RouteParts = {
    ...commands,
    cookies: new CookieJar(cookies),
    departures: new Departures(),
    clearsSiteData: config.clearSiteData,
    configuredClients: new Set([config.client, ...config.serviceClients.map(({ id }) => id)]),
    clients: new ServiceClients([...config.serviceClients, ...logReaders(keys.mac)], {
      clock: ports.clock,
      proxyHops: config.proxyHops,
    }),
    bearer: { name: config.headerName, types: config.headerTypes },
    proxyHops: config.proxyHops,
    adminRole: config.adminRole,
    transmitter,
    polls: new PollDesk(transmitter),
    initialPasswordMs: config.initialPasswordMs,
  }
  const progress: Progress = { prepared: false, foreign: null }
  const stop = new AbortController()
  const tokens = tokenNames({ issuer: issuerOf(config), audience: audienceOf(config) }, cookies)
  const { fatal, prepared, ended } = startLoops(
    { ports, config, parts, identity, progress, evidence, tokens },
    stop.signal,
  )
  const health = (): Health => healthOf({ parts, log, progress, evidence, troubles })
  const app = createApp({
    parts: {
      ...parts,
      jwks: () => publishedJwks(access, keys.sets, parts.storeClock.now()),
      origins: originsOf(publicUrlOf(config), config.trustedOrigins),
      statusLists: openStatusLists(parts, access, config),
      metadata: {
        issuer: issuerOf(config),
        baseUrl: baseUrlOf(config),
        listsTokens: config.statusList,
        audience: [audienceOf(config)].flat(),
        algorithms: () => [...new Set([access.active, ...access.keys].map(({ alg }) => alg))],
      },
    },
    basePath: config.basePath,
    health: ports.drain?.shown(health) ?? health,
    isPrepared: () => progress.prepared && parts.storeClock.errorMs() <= maxClockErrorMs,
    meter: ports.meter ?? null,
  })
  const close = async (): Promise<void> => {
    stop.abort()
    await ended
    await parts.publisher.drain()
  }
  return { app, access, parts, polls: parts.polls, health, prepared, fatal, close }
}

const transmitterOf = (
  { receivers, log, store, keys, clock, entropy, logger, meter }: GatewayPorts,
  config: GatewayConfig,
  { storeClock }: GatewayParts,
): TransmitterParts => ({
  receivers,
  log,
  store,
  sets: keys.sets,
  issuer: issuerOf(config),
  baseUrl: baseUrlOf(config),
  clock,
  storeClock,
  entropy,
  logger,
  meter: meter ?? null,
  allowPrivate: config.receiversPrivate,
  tellsOfAll: config.receiversSubjects === 'ALL',
})

const foreignOf = (config: GatewayConfig, clock: Clock, logger: Logger): ForeignIssuer | null =>
  configuredForeignIssuer(config, {
    clock,
    onAlarm: ({ kind, detail }) => logger.warn({ kind, detail }, 'keys of the other issuer'),
  })

const checkedCookies = (config: GatewayConfig): CookiePolicy => {
  const publicUrl = publicUrlOf(config)
  const { basePath, insecureCookies: insecure, cookieSameSite } = config
  const crossSite = cookieSameSite === 'none'
  const made = cookiePolicy({ publicUrl, basePath, insecure, crossSite })
  refuse([...configMistakes(config), ...(made.ok ? [] : [made.mistake])])
  if (!made.ok) throw new AuthError('CONFIG_INVALID', made.mistake)
  return made.policy
}

type Commands = Readonly<{ identity: LogIdentity; parts: GatewayParts }>

const openCommands = async (
  ports: GatewayPorts,
  access: AccessKeys,
  config: GatewayConfig,
  evidence: GatewayEvidence,
): Promise<Commands> => {
  const { store, log, directory, sessions, guards, keys, clock, entropy, logger } = ports
  const issuer = issuerOf(config)
  const encoder = { source: publicUrlOf(config).origin, ring: keys.mac }
  const identity = new LogIdentity({ store, log, entropy, logger })
  const surge = new MassRevocations(config.massRevocationsMax, () => parts)
  const publisher = new Publisher({
    log,
    store,
    encoder,
    logger,
    logId: () => identity.current(),
    onFailure: () => identity.suspect(),
    onTold: [(commit) => tellTyped(logger, commit), (commit) => surge.told(commit)],
  })
  const limits = new LoginLimits(ports.limits, keys.addressKey)
  const tokens = new TokenDesk({
    access,
    refresh: keys.refresh,
    issuer,
    audience: audienceOf(config),
    leewayMs: config.leewayMs,
    names: config,
    lists: listsAddress(baseUrlOf(config)),
    accept: config.accept,
    markOf: config.checkRevokeToken
      ? (sub, cutoff) => limits.hashed(`revoke:${sub}:${cutoff}`).toUpperCase()
      : null,
    foreign: foreignOf(config, clock, logger),
  })
  const storeClock = new StoreClock(clock)
  const parts: GatewayParts = {
    store,
    directory,
    sessions,
    guards,
    ownPeople: ports.ownDirectory
      ? { credentials: ports.ownDirectory, visits: rememberedVisits() }
      : null,
    publisher,
    tokens,
    clock,
    entropy,
    logger,
    limits,
    hook: await loadClaimsHook(config.claimsHook, {
      clock,
      timeoutMs: config.claimsTimeoutMs,
      names: config,
    }),
    passwords: evidence.watchingPasswords(await openPasswords()),
    storeClock,
    lister: listerOf(config, { entropy, storeClock }),
    policy: config,
    ...usersSettings(config),
    client: config.client,
    passwordWords: config.passwordWords,
    act: () => ({ actor: gatewayActor, ...noOrigin }),
    onAppended: (commit) => tellAct(logger, commit),
    deadlineMs: config.deadlineMs,
    publishTimeoutMs: config.publishTimeoutMs,
  }
  return { identity, parts }
}
