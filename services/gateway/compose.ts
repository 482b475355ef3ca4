import type Koa from 'koa'
import { tokenNames } from '../../shared/fleet/token-names.ts'
import type { Health } from '../../shared/http/health.ts'
import type { AuthError } from '../../shared/kernel/errors.ts'
import type { Closable } from '../../shared/kernel/lifecycle.ts'
import { processFields } from '../../shared/kernel/process/process-settings.ts'
import { openedSessionList } from '../../shared/privacy/index.ts'
import { bearerKinds } from '../../shared/tokens/claims.ts'
import { openAccessKeys } from '../../shared/tokens/configured-keys/index.ts'
import { type AccessKeys, publishedJwks } from '../../shared/tokens/key-rings/index.ts'
import type { CookiePolicy } from '../../shared/tokens/requests/index.ts'
import { serveConsole } from '../console/index.ts'
import { type Accounts, callerOf, openAccounts } from './accounts/index.ts'
import { openAsking, openHeads } from './audit/index.ts'
import {
  audienceOf,
  baseUrlOf,
  checkedCookies,
  type GatewayConfig,
  gatewayFields,
  issuerOf,
  publicUrlOf,
} from './config.ts'
import { consoleReader } from './console-reader.ts'
import { contextOf, privacyOf } from './gateway-context.ts'
import type { GatewayPorts } from './gateway-ports.ts'
import { bindRoutes, createApp, type Metadata } from './http/index.ts'
import {
  GatewayCallHealth,
  healthOf,
  type Progress,
  settingDigests,
  startGateway,
  type Troubles,
  warnOfInsecureSettings,
} from './lifecycle/index.ts'
import { openHttp } from './open-http.ts'
import { openOperators } from './operators/index.ts'
import { openPages, problemPageOf } from './pages/index.ts'
import { signInOffer } from './proxies/index.ts'
import {
  logCommandLineCommit,
  maxClockErrorMs,
  openPublication,
  PendingEvents,
  type Publication,
  RefusalLog,
  requestContext,
} from './publication/index.ts'
import { MassRevocations } from './revocations/index.ts'
import type { Rooms } from './rooms.ts'
import { rootDocuments } from './root-documents.ts'
import { gatewayRoutes } from './route-table.ts'
import { openSessions } from './sessions/index.ts'
import { openSsf } from './ssf/index.ts'
import { listsAddress, openStatusListIndex, openStatusLists } from './status-list/index.ts'
import { openTokens } from './tokens/index.ts'

const noTroubles: Troubles = { store: () => null, keys: () => null }

export type Gateway = Closable &
  Readonly<{
    app: Koa
    /** The keys that it signs with and accepts; follows the key files. */
    access: AccessKeys
    rooms: Rooms
    /** Close it before the server: it answers the long polls and ends the tails that are open. */
    polls: Closable
    health: () => Health
    /** Resolves when the gateway may sign; never if the store does not answer. */
    prepared: Promise<void>
    /** Resolves with an error that waiting cannot mend; never if there is none. */
    fatal: Promise<AuthError>
  }>

type OpenDeps = Readonly<{
  ports: GatewayPorts
  config: GatewayConfig
  cookies: CookiePolicy
  access: AccessKeys
  /** Notes when hashing is stuck or refuses, for `/readyz`. */
  observePasswords: (passwords: Accounts['passwords']) => Accounts['passwords']
}>

/** Opens the rooms, the lowest first. */
const openRooms = async ({
  ports,
  config,
  cookies,
  access,
  observePasswords,
}: OpenDeps): Promise<Readonly<{ rooms: Rooms; publication: Publication }>> => {
  const { log, keys, logger, entropy, clock, meter = null } = ports
  const privacy = privacyOf(ports)
  const trailHeads = openHeads(config, ports)
  const appending = contextOf(ports, config, privacy, trailHeads !== null)
  const { storeClock } = appending
  const naming = { issuer: issuerOf(config), audience: audienceOf(config) }
  const baseUrl = baseUrlOf(config)

  const surge = new MassRevocations(config.massRevocationsMax, () => surgeDeps)
  const publication = openPublication({
    context: appending,
    log,
    encoder: { source: publicUrlOf(config).origin, ring: keys.mac, events: keys.events },
    onPublished: [
      (commit) => logCommandLineCommit(logger, commit),
      (commit) => surge.published(commit),
    ],
  })
  const { publisher } = publication
  const context = { ...appending, ...(ports.tellsWithAppend && { announcer: publisher }) }
  const { addressKey } = keys
  const accounts = openAccounts(config, { ...ports, addressKey, decorate: observePasswords })
  const { limits } = accounts
  const surgeDeps = { context, publisher, limits }
  const tokens = await openTokens(config, {
    ...naming,
    access,
    refresh: keys.refresh,
    listsAddress: listsAddress(baseUrl),
    statusListIndex: openStatusListIndex(config, { entropy, storeClock }),
    passwordMarkOf: (sub, cutoff) => limits.keyedHash(`revoke:${sub}:${cutoff}`).toUpperCase(),
    clock,
    logger,
  })
  const events = { ring: keys.events, unsigned: config.unsignedEvents }
  const ssfDeps = { sets: keys.sets, events, issuer: naming.issuer, baseUrl, storeClock, meter }
  const pages = openPages(config, { publicUrl: publicUrlOf(config), basePath: config.basePath })
  const rooms: Rooms = {
    http: openHttp(ports, config, cookies),
    context,
    publisher,
    policy: config,
    statusLists: openStatusLists(context, access, { ...config, baseUrl }),
    tokens,
    accounts,
    sessions: openSessions(config, { list: openedSessionList(ports.sessions, privacy.opener) }),
    pages,
    signIn: signInOffer(config, pages, publicUrlOf(config)),
    guards: ports.guards,
    privacy,
    audit: openAsking(config, { index: ports.audit, events, privacy }),
    trailHeads,
    keyFolder: { dir: keys.dir, config, entropy, clock },
    operators: openOperators(config, { ...ports, events }),
    ssf: openSsf(config, { ...ports, ...ssfDeps }),
    configuredClients: new Set([config.client, ...config.serviceClients.map(({ id }) => id)]),
    metadata: metadataOf(config, access, trailHeads !== null),
    jwks: () => publishedJwks(access, keys.sets, storeClock.now()),
  }
  return { rooms, publication }
}

/**
 * Builds the gateway on its ports and starts its loops. It may start before the store and the log:
 * it answers 503 until the store is there, and `/readyz` says what it waits for.
 * @throws AuthError CONFIG_INVALID with every mistake that one field alone cannot show.
 */
export const composeGateway = async (
  gatewayPorts: GatewayPorts,
  config: GatewayConfig,
): Promise<Gateway> => {
  const evidence = new GatewayCallHealth(gatewayPorts.clock, config.readyWithinMs)
  const ports = evidence.observing(gatewayPorts)
  const { log, keys, logger, entropy, meter = null, troubles = noTroubles } = ports
  const cookies = checkedCookies(config)
  const access = await openAccessKeys(keys.access, config)
  warnOfInsecureSettings({ ...config, publicUrl: publicUrlOf(config) }, access, logger)
  const observePasswords = evidence.observingPasswords.bind(evidence)
  const opening = { ports, config, cookies, access, observePasswords }
  const { rooms, publication } = await openRooms(opening)
  const { context, publisher, tokens, http } = rooms
  const { storeClock } = context

  const progress: Progress = { prepared: false, foreign: null }
  const health = (): Health =>
    healthOf({ context, publisher, tokens, log, progress, evidence, troubles })
  const refusals = new RefusalLog({ context, publisher, limits: rooms.accounts.limits })
  const app = createApp({
    routes: bindRoutes(gatewayRoutes, (ctx) => ({
      ...rooms,
      context: requestContext(context, ctx),
    })),
    rootDocuments: rootDocuments(rooms),
    http,
    entropy,
    logger,
    basePath: config.basePath,
    health: ports.drain?.shown(health) ?? health,
    isPrepared: () => progress.prepared && storeClock.errorMs() <= maxClockErrorMs,
    requireCaller: (ctx) => callerOf(rooms, ctx, storeClock.now(), { accept: bearerKinds }),
    onRefused: (ctx, refused) => refusals.log(ctx, refused),
    problemPage: problemPageOf(rooms.pages),
    pages: [serveConsole({ basePath: config.basePath, readerOf: consoleReader(rooms) })],
    meter,
  })
  const stop = new AbortController()
  const names = tokenNames({ issuer: issuerOf(config), audience: audienceOf(config) }, cookies)
  const pending = new PendingEvents()
  ports.keyChanges?.((change) => pending.add(change.name, change.event))
  const digests = settingDigests(gatewayFields, config, keys.addressKey, processFields)
  const noticed = { digests, pending }
  const { fatal, prepared, ended } = startGateway(
    { ports, settings: config, ...noticed, rooms, publication, progress, evidence, tokens: names },
    stop.signal,
  )
  const close = async (): Promise<void> => {
    stop.abort()
    await ended
    await publisher.drain()
    rooms.pages.close()
  }
  const polls: Closable = {
    close: async () => {
      await rooms.audit.tails.close()
      await rooms.ssf.polls.close()
    },
  }
  return { app, access, rooms, polls, health, prepared, fatal, close }
}

const metadataOf = (config: GatewayConfig, access: AccessKeys, showsHeads: boolean): Metadata => ({
  issuer: issuerOf(config),
  baseUrl: baseUrlOf(config),
  listsTokens: config.statusList,
  showsHeads,
  audience: [audienceOf(config)].flat(),
  algorithms: () => [...new Set([access.active, ...access.keys].map(({ alg }) => alg))],
})
