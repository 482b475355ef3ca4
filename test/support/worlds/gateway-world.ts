import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HashCost } from '../../../services/gateway/accounts/password-hash.ts'
import { composeGateway, type Gateway } from '../../../services/gateway/compose.ts'
import { gatewayFields } from '../../../services/gateway/config.ts'
import type { Rooms } from '../../../services/gateway/rooms.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { noOrigin } from '../../../shared/events/event.ts'
import { listen } from '../../../shared/http/listen.ts'
import { type Clock, systemClock } from '../../../shared/kernel/clock.ts'
import { type Env, readConfig } from '../../../shared/kernel/config.ts'
import { systemEntropy as entropy } from '../../../shared/kernel/entropy.ts'
import { type Closable, Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { type Logger, silentLogger } from '../../../shared/kernel/logger.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import {
  type KeyFiles,
  openKeyFiles,
  saveRing,
} from '../../../shared/tokens/key-rings/key-files.ts'
import type { SetKeyRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import { aUser } from '../fakes/builders.ts'
import { premadeSetRing } from '../fakes/premade-rings.ts'
import { quickPasswords } from '../fakes/quick-passwords.ts'
import { trusting, withAccounts } from '../other-rooms.ts'
import { type Browser, browserAt, type Jar, jarOf } from '../processes/browser.ts'
import { memoryBacking, type OpenBacking, type StatePorts } from './world-backing.ts'

export type RunningGateway = Browser &
  Readonly<{
    gateway: Gateway
    /** For calling the commands of services/gateway/ directly. */
    rooms: Rooms
    /** The same with passwords that cost nothing; they verify only what `quickPasswords` hashed. */
    quickRooms: Rooms
  }>

export type WorldOptions = Readonly<{
  /** `memoryBacking` (the default), `lmdbBacking` or `mongoBacking(url)`. */
  backing?: OpenBacking
  /** How many gateways share the state; one without it. */
  gateways?: number
  /** Settings over the defaults of the reference page. */
  env?: Env
  /** Real time without it. A fake clock moves only when the test moves it, also for the relay. */
  clock?: Clock
  /** What a new password hash costs: next to nothing without it, as most tests log in often. */
  hashCost?: HashCost
  /** Keys of another world, to go on with its tokens. */
  keys?: KeyFiles
  logger?: Logger
  /** What lies between a gateway and its state: latency, faults, another store. */
  wrap?: (ports: StatePorts, clock: Clock) => StatePorts
}>

/** The first gateway's browser, and all gateways. */
export type World = RunningGateway &
  Closable &
  Readonly<{
    gateways: readonly RunningGateway[]
    /** Not wrapped: what the state really holds. */
    state: StatePorts
    keys: KeyFiles
    clock: Clock
    /** A user whose password `password` only `quickParts` verify. */
    addUser(password?: string): Promise<User>
    /** A session of `user` without hashing, through the login command of the first gateway. */
    open(user: User): Promise<Jar>
    /** As `open`, on other parts: another client's, say. */
    openThrough(quickParts: Rooms, user: User): Promise<Jar>
    /** `Authorization` of a service client that may introspect and revoke. */
    serviceHeaders: Readonly<{ authorization: string }>
  }>

const serviceClient = 'tests:a-secret-of-the-tests:introspect+revoke'
const settings = (env: Env): Env => ({
  CURFEW_PUBLIC_URL: 'http://localhost:8080',
  CURFEW_SERVICE_CLIENTS: serviceClient,
  ...env,
})

/** argon2's least. */
const cheapHashes: HashCost = { memoryKib: 8, passes: 1 }

/** As a gateway opens them; what signs for receivers is premade, as RSA keys take long. */
const openKeys = async (parts: Lifecycle): Promise<KeyFiles> => {
  const dir = await mkdtemp(join(tmpdir(), 'curfew-keys-'))
  await parts.use({ close: () => rm(dir, { recursive: true, force: true }) })
  const files = await openKeyFiles({ dir, entropy })
  const { sets } = files
  const ensure = async (): Promise<SetKeyRing> => {
    if (sets.current() === null) await saveRing(dir, premadeSetRing({ entropy }), entropy)
    return sets.ensure()
  }
  return { ...files, sets: { ...sets, ensure } }
}

type Shared = Readonly<{ keys: KeyFiles; clock: Clock; options: WorldOptions; parts: Lifecycle }>

const openGateway = async (
  state: StatePorts,
  { keys, clock, options, parts }: Shared,
): Promise<RunningGateway> => {
  const { env = {}, logger = silentLogger, wrap = (ports) => ports } = options
  const { hashCost = cheapHashes } = options
  const config = readConfig(gatewayFields, settings(env))
  const ports = { ...wrap(state, clock), keys, clock, entropy, logger, hashCost }
  const gateway = await parts.use(composeGateway(ports, config))
  const server = await parts.use(listen(gateway.app.callback(), { port: 0, host: '127.0.0.1' }))
  await parts.use(gateway.polls)
  await gateway.prepared
  const quickParts = withAccounts(gateway.rooms, { passwords: quickPasswords })
  return { ...browserAt(server.url), gateway, rooms: gateway.rooms, quickRooms: quickParts }
}

const openSession = async (
  { quickRooms }: Pick<RunningGateway, 'quickRooms'>,
  user: User,
): Promise<Jar> => {
  const parts = trusting(quickRooms)
  const arrival = parts.context.storeClock.now()
  const { username } = user
  const opened = await login(parts, { username, password: '', origin: noOrigin, arrival }, openPair)
  if (opened.outcome !== 'opened') throw new Error(`no session was opened: ${opened.outcome}`)
  const { access, refresh } = opened.tokens
  return jarOf({ access: access.token, refresh: refresh.token })
}

/**
 * The real gateway in this process, over real HTTP on free ports: composed as `services/gateway`
 * composes it, on the state that a test names. Close it; what it made on disk or in a database
 * goes.
 */
export const openWorld = async (options: WorldOptions = {}): Promise<World> => {
  const { backing: openBacking = memoryBacking, gateways: count = 1, clock = systemClock } = options
  const parts = new Lifecycle()
  try {
    const keys = options.keys ?? (await openKeys(parts))
    const backing = await parts.use(openBacking(clock))
    const state = await backing.ports()
    const gateways: RunningGateway[] = []
    for (let index = 0; index < count; index += 1) {
      const ports = index === 0 ? state : await backing.ports()
      gateways.push(await openGateway(ports, { keys, clock, options, parts }))
    }
    const [first] = gateways
    if (!first) throw new Error('a world has at least one gateway')
    const [id, secret] = serviceClient.split(':')
    const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
    return {
      ...first,
      gateways,
      state,
      keys,
      clock,
      addUser: async (password = 'correct horse') => {
        const user = aUser({ passwordHash: await quickPasswords.hash(password) })
        await state.directory.create(user)
        return user
      },
      open: (user) => openSession(first, user),
      openThrough: (quickParts, user) => openSession({ quickRooms: quickParts }, user),
      serviceHeaders: { authorization },
      close: () => parts.close(),
    }
  } catch (error) {
    await parts.close()
    throw error
  }
}

/** Runs `prove` in a world of its own, which is closed whatever happens. */
export const inWorld = async (
  options: WorldOptions,
  prove: (world: World) => Promise<void>,
): Promise<void> => {
  const world = await openWorld(options)
  try {
    await prove(world)
  } finally {
    await world.close()
  }
}
