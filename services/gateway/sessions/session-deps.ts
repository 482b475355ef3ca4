import type { SessionPolicy } from '../../../shared/session/policy.ts'
import type { Accounts } from '../accounts/index.ts'
import type { RequestReading } from '../http/index.ts'
import type { CommandContext, Publisher } from '../publication/index.ts'
import type { Tokens } from '../tokens/index.ts'
import type { Sessions } from './open-sessions.ts'

/** What commands on sessions use. */
export type SessionDeps = Readonly<{
  context: CommandContext
  publisher: Publisher
  policy: SessionPolicy
  tokens: Tokens
  accounts: Accounts
  sessions: Sessions
}>

/** The same, for routes. */
export type SessionRouteDeps = SessionDeps & Readonly<{ http: RequestReading }>
