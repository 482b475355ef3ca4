import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import type { Backends } from '../../../shared/backends/backends.ts'
import { backendFields, backendMistakes, isAtScale } from '../../../shared/backends/config.ts'
import { directoryFields, directoryMistakes } from '../../../shared/backends/directory-settings.ts'
import { openBackends } from '../../../shared/backends/open-backends.ts'
import { openOwnDirectory } from '../../../shared/backends/open-directory.ts'
import { type Actor, commandLine, noOrigin } from '../../../shared/events/event.ts'
import { readConfig, refuse } from '../../../shared/kernel/config.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import { processContext } from '../../../shared/kernel/process/process-context.ts'
import type { BlacklistView } from '../../../shared/ports/blacklist-view.ts'
import type { EventLog } from '../../../shared/ports/event-log.ts'
import type { GuardRegistry } from '../../../shared/ports/guard-registry.ts'
import type { Receivers } from '../../../shared/ports/receivers.ts'
import { longestLifetimeMs } from '../../../shared/session/session-policy.ts'
import { loadEventsRing, loadMacRing } from '../../../shared/tokens/key-rings/index.ts'
import {
  type AccountDeps,
  type Accounts,
  type ErasureDeps,
  memoryLoginHistory,
  openPasswords,
  type SubjectDeps,
} from '../../gateway/accounts/index.ts'
import { type Auditing, openAsking } from '../../gateway/audit/index.ts'
import { configMistakes, gatewayFields } from '../../gateway/config.ts'
import { type EventDeps, StoreClock } from '../../gateway/publication/index.ts'
import type { ClientDeps } from '../../gateway/revocations/index.ts'
import { environment } from '../settings/environment.ts'
import {
  commandSealer,
  listOpenedBy,
  type OpenPrivacy,
  personalOpener,
  requirePrivacy,
} from './open-personal.ts'

/** A user id may have no name: a platform gives containers any. */
const accountName = (): string => {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Whoever runs a command, by their account on this machine: it asks for nothing else. */
const commandLineActor = (): Actor => ({
  by: 'system',
  id: `${commandLine}${accountName()
    .replace(/[^\x21-\x7e]/g, '?')
    .slice(0, 64)}`,
})

/** What commands on accounts work with. */
export type AccountContext = AccountDeps &
  Readonly<{ accounts: Pick<Accounts, 'passwords' | 'adminRole' | 'ownUsers'> }>
/** The same, and what asks for sessions, guards and whoever keeps the users. */
export type StoreContext = AccountContext &
  ErasureDeps &
  SubjectDeps &
  ClientDeps &
  Readonly<{
    guards: GuardRegistry
    /** What asks for events; it reads the ring that verifies them. */
    asking: () => Promise<Auditing>
    view: () => BlacklistView
    receivers: () => Receivers
    /** To look into it, or, as a `writer`, to publish again what lies in it. */
    log: (role?: 'writer' | 'reader') => Promise<EventLog>
  }>

type OpenStoreOptions = Readonly<{
  /** Whether the command makes a store where there is none, as one that adds does. */
  makes?: boolean
}>

export const readSettings = () => {
  const config = readConfig(
    { ...gatewayFields, ...directoryFields, ...backendFields },
    environment(),
  )
  refuse([
    ...configMistakes(config),
    ...backendMistakes(config, true),
    ...directoryMistakes(config),
  ])
  return config
}
type Settings = ReturnType<typeof readSettings>

/** What only looks, or ends what is there, must leave an empty folder as it found it. */
export const requireStore = (config: Settings): void => {
  if (isAtScale(config) || existsSync(join(config.dataDir, 'data.mdb'))) return
  throw new AuthError(
    'STORE_ABSENT',
    `there is no store in ${resolve(config.dataDir)}, and none was made: CURFEW_DATA_DIR names ` +
      'the folder of a gateway; `curfew start` or `curfew users add` makes one',
  )
}

const keysDirOf = ({ keysDir, dataDir }: Settings): string => keysDir ?? join(dataDir, 'keys')

/** @throws AuthError KEYS_INVALID without the rings of `auth.events` and of persons */
const openAsked = async (
  config: Settings,
  backends: Backends,
  open: OpenPrivacy,
): Promise<Auditing> => {
  const { groupAccess, unsignedEvents: unsigned } = config
  const keys = keysDirOf(config)
  const privacy = await requirePrivacy(open, keys)
  const { fleet } = await loadMacRing(join(keys, 'log-mac.json'), { groupAccess })
  const ring = await loadEventsRing(join(keys, 'events-mac.json'), fleet, { groupAccess })
  return openAsking(config, { index: backends.audit(), events: { ring, unsigned }, privacy })
}

const opened = async (
  config: Settings,
  { makes = false }: OpenStoreOptions,
  work: (context: StoreContext) => Promise<void>,
): Promise<void> => {
  if (!makes) requireStore(config)
  const context = processContext('cli', 'warn')
  const lifecycle = new Lifecycle()
  try {
    const backends = await openBackends({
      ...context,
      config,
      parts: lifecycle,
      service: 'cli',
      longestLifetimeMs: longestLifetimeMs(config),
    })
    const store = await lifecycle.use(backends.store())
    const storeClock = new StoreClock(context.clock)
    const sentMs = context.clock.monotonicMs()
    const { tick } = await store.relayScan(1)
    storeClock.observe(tick.t, sentMs, context.clock.monotonicMs())
    const openPersonal = personalOpener({
      ...{ ...context, store, keys: backends.personalKeys(), dir: keysDirOf(config) },
      groupAccess: config.groupAccess,
    })
    const credentials = openOwnDirectory(config, context)
    const { deadlineMs, publishTimeoutMs, passwordWords, adminRole } = config
    await work({
      context: {
        ...context,
        store,
        storeClock,
        act: () => ({ actor: commandLineActor(), ...noOrigin }),
        ...(config.eventPrivacy === 'sealed' && { sealer: commandSealer(openPersonal) }),
        // A gateway that publishes it tells of it.
        onAppended: () => {},
        deadlineMs,
        publishTimeoutMs,
      },
      policy: config,
      accounts: {
        directory: backends.directory(),
        ownUsers: credentials && { credentials, loginHistory: memoryLoginHistory() },
        passwords: openPasswords(),
        passwordWords,
        adminRole,
      },
      sessions: { list: listOpenedBy(openPersonal, backends.sessions()) },
      guards: backends.guards(),
      // A command holds no keys for longer than it needs them.
      privacy: { keys: backends.personalKeys(), held: { forget: () => {} } },
      asking: () => openAsked(config, backends, openPersonal),
      view: () => backends.view(),
      receivers: () => backends.receivers(),
      log: (role = 'reader') => backends.log(role),
      configuredClients: new Set([config.client, ...config.serviceClients.map(({ id }) => id)]),
    })
  } finally {
    await lifecycle.close()
  }
}

/**
 * Opens the store for one command, whoever keeps the users. It appends and does not publish: a
 * running gateway's relay tells the log within a tick, or the next one that starts.
 * @throws AuthError STORE_ABSENT where there is none, unless the command makes it.
 */
export const withStore = async (
  work: (context: StoreContext) => Promise<void>,
  opening: OpenStoreOptions = {},
): Promise<void> => opened(readSettings(), opening, work)

/**
 * Settings of a command on the built-in directory, without a store.
 * @throws AuthError CONFIG_INVALID
 */
export const accountSettings = (): Settings => {
  const config = readSettings()
  if (config.directoryUrl) refuse(['CURFEW_DIRECTORY_URL is set: the users are not kept here.'])
  return config
}

/** As `withStore`, for commands on the built-in directory. */
export const withAccounts = async (
  work: (context: AccountContext) => Promise<void>,
  opening: OpenStoreOptions = {},
): Promise<void> => opened(accountSettings(), opening, work)

/** What a command appends events with: a gateway’s relay tells the log of them. */
export const eventDeps = ({ context }: Pick<StoreContext, 'context'>): EventDeps => ({
  context,
  publisher: { enqueue: () => {} },
})
