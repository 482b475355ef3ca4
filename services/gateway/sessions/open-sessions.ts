import type { ClientId } from '../../../shared/kernel/ids.ts'
import type { SessionList } from '../../../shared/ports/session-list.ts'
import type { SessionPolicy } from '../../../shared/session/session-policy.ts'
import type { Accounts } from '../accounts/index.ts'
import type { HttpDeps } from '../http/index.ts'
import type { CommandContext, Publisher } from '../publication/index.ts'
import type { Tokens } from '../tokens/index.ts'
import { LogoutsInFlight } from './logouts-in-flight.ts'

type Settings = Readonly<{
  /** The client that sessions of a login belong to. */
  client: ClientId
  /** How many sessions a user may have; 0 = any number. */
  maxSessions: number
}>

/** The settings of sessions, the session list, and the logouts that are not answered yet. */
export type Sessions = Settings & Readonly<{ list: SessionList; logoutsInFlight: LogoutsInFlight }>

export const openSessions = (
  { client, maxSessions }: Settings,
  { list }: Readonly<{ list: SessionList }>,
): Sessions => ({ client, maxSessions, list, logoutsInFlight: new LogoutsInFlight() })

/** What the commands of this room use. */
export type SessionDeps = Readonly<{
  context: CommandContext
  publisher: Publisher
  policy: SessionPolicy
  tokens: Tokens
  accounts: Accounts
  sessions: Sessions
}>

/** What the routes of this room use. */
export type SessionRouteDeps = SessionDeps & Readonly<{ http: HttpDeps }>
