import { AuthError } from '../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../shared/kernel/ids.ts'
import type { ReadContext } from '../publication/index.ts'
import { isAnyAlive } from './living-sessions.ts'

/** What asking for a client takes. */
export type ClientDeps = Readonly<{ context: ReadContext }> &
  Readonly<{
    /** The ids that the settings of this process name. */
    configuredClients: ReadonlySet<ClientId>
  }>

/**
 * A client is there when a setting names it, or a session that lives was opened through it: one
 * that was taken out of the settings, or another gateway's, can still be ended.
 * @throws AuthError CLIENT_UNKNOWN
 */
export const requireKnownClient = async (deps: ClientDeps, client: ClientId): Promise<void> => {
  if (deps.configuredClients.has(client)) return
  if (await isAnyAlive(deps, { scope: 'client', client })) return
  throw new AuthError('CLIENT_UNKNOWN', `There is no client ${client}, and no session of one.`)
}
