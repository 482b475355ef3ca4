import { createSecretKey } from 'node:crypto'
import { LoginLimits } from '../../../services/gateway/accounts/login-limits.ts'
import type { Accounts } from '../../../services/gateway/accounts/open-accounts.ts'
import { gatewayFields } from '../../../services/gateway/config.ts'
import type { CommandContext } from '../../../services/gateway/publication/command-context.ts'
import { login } from '../../../services/gateway/sessions/login.ts'
import { openSessions, type SessionDeps } from '../../../services/gateway/sessions/open-sessions.ts'
import { openPair } from '../../../services/gateway/sessions/session-openers.ts'
import { noHook } from '../../../services/gateway/tokens/claims-hook.ts'
import { TokenIssuer } from '../../../services/gateway/tokens/token-issuer.ts'
import { openMemoryEventLog } from '../../../shared/adapters/memory/event-log.ts'
import { openMemoryEventStore } from '../../../shared/adapters/memory/event-store.ts'
import { openMemoryGuardRegistry } from '../../../shared/adapters/memory/guard-registry.ts'
import { openMemorySessionList } from '../../../shared/adapters/memory/session-list.ts'
import { openMemoryUserDirectory } from '../../../shared/adapters/memory/user-directory.ts'
import type { Commit } from '../../../shared/events/commit.ts'
import { noAct, noOrigin } from '../../../shared/events/event.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { readConfig } from '../../../shared/kernel/config.ts'
import { newClaim } from '../../../shared/kernel/entropy.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { type EpochMs, sessionStream } from '../../../shared/kernel/ids.ts'
import { silentLogger } from '../../../shared/kernel/logger.ts'
import type { RateLimits } from '../../../shared/ports/rate-limits.ts'
import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'
import { endSession } from '../../../shared/session/end-session.ts'
import { createRing } from '../../../shared/tokens/key-rings/key-ring.ts'
import { aUser } from '../../support/fakes/builders.ts'
import { quickPasswords } from '../../support/fakes/quick-passwords.ts'
import { relayOver } from '../../support/fakes/relay-over.ts'
import { seededEntropy } from '../../support/fakes/seeded-entropy.ts'
import { startMs } from './start-ms.ts'

export const graceMs = 10_000
export const oldPassword = 'the old password of the model'
export const newPassword = 'the new password of the model'

const config = readConfig(gatewayFields, { CURFEW_PUBLIC_URL: 'http://localhost:8080' })
const entropy = seededEntropy('driven')
const made = { alg: 'HS256', entropy } as const

const stillClock: Clock = {
  now: () => startMs as EpochMs,
  monotonicMs: () => 0,
  sleep: async () => {},
}

/** Guessing is another matter: every attempt is let through to the password. */
const unlimited: RateLimits = {
  take: async () => ({ allowed: true, retryAfterMs: 0 }),
  giveBack: async () => {},
  close: async () => {},
}

/** What all gateways of all runs have in common; none of it changes. */
export const sharedRooms = {
  guards: openMemoryGuardRegistry(),
  policy: { ...config, graceMs, rotate: true, blacklistAfterRotation: true },
  tokens: {
    issuer: new TokenIssuer({
      access: createRing('access', made),
      refresh: createRing('refresh', made),
      issuer: 'http://localhost:8080',
      audience: 'driven',
      leewayMs: 0,
      names: config,
      lists: '',
      accept: ['access'],
      passwordMarkOf: null,
    }),
    statusListIndex: null,
    hook: noHook,
    userIdClaim: config.userIdClaim,
    userIdField: config.userIdField,
  },
  sessions: openSessions(
    { client: config.client, maxSessions: 0 },
    { list: openMemorySessionList() },
  ),
} satisfies Partial<SessionDeps> & Readonly<{ guards: unknown }>

const limits = new LoginLimits(unlimited, createSecretKey(Buffer.alloc(32, 9)))

/** The users of `directory`, as every gateway has them. */
export const accountsOn = (directory: UserDirectory): Accounts => ({
  directory,
  ownUsers: null,
  limits,
  passwords: quickPasswords,
  passwordWords: [],
  checkUserIsActive: config.checkUserIsActive,
  updateLastLogin: false,
  adminRole: config.adminRole,
  initialPasswordMs: config.initialPasswordMs,
})

type Moving = Pick<CommandContext, 'store' | 'storeClock' | 'clock' | 'entropy'>
/** What commands decide with; no request is ever given up. */
export const contextOn = (moving: Moving): CommandContext => ({
  ...moving,
  logger: silentLogger,
  act: () => noAct,
  onAppended: () => {},
  deadlineMs: Number.MAX_SAFE_INTEGER,
  publishTimeoutMs: 2_000,
})

const person = aUser({
  passwordHash: await quickPasswords.hash(oldPassword),
  knownAddresses: [limits.keyedHash('address:unknown')],
})

export type Premises = Readonly<{
  user: User
  /** The one session that is there when a run begins, as the store has it. */
  first: Commit
  token: string
}>

const opened = async (): Promise<Premises> => {
  const store = openMemoryEventStore({ clock: stillClock })
  const log = openMemoryEventLog()
  const directory = openMemoryUserDirectory()
  await directory.create(person)
  const relay = relayOver({ store, log, clock: stillClock, logger: silentLogger })
  const { publisher, storeClock } = relay
  const context = contextOn({ store, storeClock, clock: stillClock, entropy })
  const rooms = { ...sharedRooms, context, publisher, accounts: accountsOn(directory) }
  const request = {
    username: person.username,
    password: oldPassword,
    origin: noOrigin,
    arrival: startMs as EpochMs,
  }
  const result = await login(rooms, request, openPair)
  if (result.outcome !== 'opened') throw new AuthError('INTERNAL', 'no first session')
  const { token } = result.tokens.refresh
  const verified = sharedRooms.tokens.issuer.verifyRefresh(token, startMs as EpochMs)
  if (!verified.ok) throw new AuthError('INTERNAL', 'no good first token')
  const [first] = await store.heads([sessionStream(verified.claims.sid)])
  if (!first) throw new AuthError('INTERNAL', 'no first commit')
  const user = await directory.bySub(person.sub)
  return { user: user ?? person, first, token }
}

/** One user with one session, made by the real login once a process. */
export const premises = await opened()

const { session } = premises.first
if (!session) throw new AuthError('INTERNAL', 'the first commit is of no session')

/** The end of that session, as a logout makes it. */
export const ended = endSession(
  { ...premises.first, session },
  {
    reason: 'logout',
    now: startMs as EpochMs,
    claim: newClaim(entropy),
    origin: noOrigin,
  },
)
