import type { Accounts } from '../../services/gateway/accounts/open-accounts.ts'
import type { CommandContext } from '../../services/gateway/publication/command-context.ts'
import type { Sessions } from '../../services/gateway/sessions/open-sessions.ts'

/** The same rooms of a gateway, whose commands see another store, clock or caller. */
export const withContext = <R extends Readonly<{ context: CommandContext }>>(
  rooms: R,
  over: Partial<CommandContext>,
): R => ({ ...rooms, context: { ...rooms.context, ...over } })

export const withAccounts = <R extends Readonly<{ accounts: Accounts }>>(
  rooms: R,
  over: Partial<Accounts>,
): R => ({ ...rooms, accounts: { ...rooms.accounts, ...over } })

export const withSessions = <R extends Readonly<{ sessions: Sessions }>>(
  rooms: R,
  over: Partial<Sessions>,
): R => ({ ...rooms, sessions: { ...rooms.sessions, ...over } })

/** Takes every password for the right one. */
export const trusting = <R extends Readonly<{ accounts: Accounts }>>(rooms: R): R => {
  const passwords = { ...rooms.accounts.passwords, verify: async () => true }
  return withAccounts(rooms, { passwords })
}
