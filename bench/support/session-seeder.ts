import { join } from 'node:path'
import {
  baseUrlOf,
  type GatewayConfig,
  gatewayFields,
  publicUrlOf,
} from '../../services/gateway/config.ts'
import { readCutoffs } from '../../services/gateway/revocations/index.ts'
import { listsAddress } from '../../services/gateway/status-list/index.ts'
import { TokenIssuer } from '../../services/gateway/tokens/index.ts'
import { backendFields } from '../../shared/backends/config.ts'
import { openBackends } from '../../shared/backends/open-backends.ts'
import type { Clock } from '../../shared/kernel/clock.ts'
import { readConfig } from '../../shared/kernel/config.ts'
import { newClaim, newSessionId, newTokenId } from '../../shared/kernel/entropy.ts'
import type { EpochMs, SessionId } from '../../shared/kernel/ids.ts'
import { type Closable, Lifecycle } from '../../shared/kernel/lifecycle.ts'
import { type ProcessContext, processContext } from '../../shared/kernel/process/process-context.ts'
import type { EventStore } from '../../shared/ports/event-store.ts'
import type { User, UserDirectory } from '../../shared/ports/user-directory.ts'
import { openSession } from '../../shared/session/open-session.ts'
import { longestLifetimeMs } from '../../shared/session/session-policy.ts'
import { openKeyFiles } from '../../shared/tokens/key-rings/index.ts'

export type SeededSession = Readonly<{ sid: SessionId; access: string; cookie: string }>

/**
 * Opens sessions as a login does (the same commit, the same tokens), by appending them to the store
 * of running gateways: argon2 makes a login cost 100 ms by design, and no figure here is about it.
 */
export interface SessionSeeder extends Closable {
  readonly store: EventStore
  open(count: number): Promise<readonly SeededSession[]>
  /** The same without tokens, for sessions that are only there: they cost half the time. */
  fill(count: number): Promise<void>
  /** Resolves when the gateways' relays have published everything. */
  settled(): Promise<void>
}

const concurrency = 200
/** More in one transaction of the store. */
const fillConcurrency = 2_000
const publishedPollMs = 100
const userPollMs = 50
const userLooksMax = 200
const minuteMs = 60_000
/** Signed by a clock that may be a little ahead of the gateway's, which follows the store's. */
const headStartMs = 2_000

type Parts = ProcessContext &
  Readonly<{ store: EventStore; desk: TokenIssuer; user: User; config: GatewayConfig }>

type Epoch = Awaited<ReturnType<typeof readCutoffs>>

const epochOf = ({ store, user, config }: Parts): Promise<Epoch> =>
  readCutoffs(store, { sub: user.sub, client: config.client })

const appendOne = async (parts: Parts, epoch: Epoch) => {
  const { store, user, config, entropy, clock } = parts
  const now = (clock.now() - headStartMs) as EpochMs
  const sid = newSessionId(entropy)
  const ids = { access: newTokenId(entropy), refresh: newTokenId(entropy) }
  const origin = { address: '127.0.0.1', agent: 'curfew-bench' }
  const { client } = config
  const who = { sid, sub: user.sub, client, epoch, ids, claim: newClaim(entropy), origin }
  const commit = openSession({ ...who, arrival: now, now }, config)
  const { outcome } = await store.append(commit)
  if (outcome !== 'appended') throw new Error('a new session met a conflict')
  return commit.session
}

const openOne = async (parts: Parts): Promise<SeededSession> => {
  const { desk, user } = parts
  const session = await appendOne(parts, await epochOf(parts))
  const pair = desk.pair(session, { userId: user.sub, custom: {}, roles: user.roles })
  const { token: access } = pair.access
  return { sid: session.sid, access, cookie: `access=${access}; refresh=${pair.refresh.token}` }
}

/** `count` times, so many at once. */
const manyOf = async <Made>(count: number, atOnce: number, make: () => Promise<Made>) => {
  const made: Made[] = []
  while (made.length < count) {
    const size = Math.min(atOnce, count - made.length)
    made.push(...(await Promise.all(Array.from({ length: size }, make))))
  }
  return made
}

const untilPublished = async (store: EventStore, clock: Clock): Promise<void> => {
  while ((await store.unpublishedOthers((clock.now() + minuteMs) as EpochMs, 1)).length > 0) {
    await clock.sleep(publishedPollMs)
  }
}

const tokenDesk = async (config: GatewayConfig, dir: string, context: ProcessContext) => {
  const { access, refresh } = await openKeyFiles({ dir, entropy: context.entropy })
  const issuer = publicUrlOf(config).origin
  const { leewayMs, accept } = config
  const keys = { access, refresh }
  const claims = { issuer, audience: issuer, names: config, passwordMarkOf: null }
  const lists = listsAddress(baseUrlOf(config))
  return new TokenIssuer({ ...keys, ...claims, leewayMs, accept, lists })
}

/** `curfew start` is ready a moment before its first user is there: argon2 takes its time. */
const firstUser = async (directory: UserDirectory, clock: Clock): Promise<User> => {
  for (let looks = 0; looks < userLooksMax; looks += 1) {
    const [user] = await directory.list(null, 1)
    if (user) return user
    await clock.sleep(userPollMs)
  }
  throw new Error('there is no user to open sessions for')
}

/** `settings` are those of the running gateway; a user must exist. */
export const openSeeder = async (
  settings: Readonly<Record<string, string>>,
): Promise<SessionSeeder> => {
  const config = readConfig({ ...gatewayFields, ...backendFields }, settings)
  const context = processContext('bench', 'warn')
  const parts = new Lifecycle()
  const backends = await openBackends({
    ...context,
    config,
    parts,
    service: 'bench',
    longestLifetimeMs: longestLifetimeMs(config),
  })
  const store = await parts.use(backends.store())
  const user = await firstUser(backends.directory(), context.clock)
  const desk = await tokenDesk(config, config.keysDir ?? join(config.dataDir, 'keys'), context)
  const session = { ...context, store, desk, user, config }
  const fill = async (count: number): Promise<void> => {
    const epoch = await epochOf(session)
    await manyOf(count, fillConcurrency, async () => void (await appendOne(session, epoch)))
  }
  return {
    store,
    open: (count) => manyOf(count, concurrency, () => openOne(session)),
    fill,
    settled: () => untilPublished(store, context.clock),
    close: () => parts.close(),
  }
}
