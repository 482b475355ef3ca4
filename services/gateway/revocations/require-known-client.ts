import { AuthError } from '../../../shared/kernel/errors.ts'
import type { ClientId } from '../../../shared/kernel/ids.ts'
import type { ReadContext } from '../publication/index.ts'
import { hasUnexpiredSession } from './living-sessions.ts'

/** What `requireKnownClient` uses. */
export type ClientDeps = Readonly<{ context: ReadContext }> &
  Readonly<{
    /** The client ids in the settings of this process. */
    configuredClients: ReadonlySet<ClientId>
  }>

/**
 * A client is known if a setting names it or a living session belongs to it. So the sessions of a
 * client that was taken out of the settings, or that another gateway has, can still be ended.
 * @throws AuthError CLIENT_UNKNOWN
 */
export const requireKnownClient = async (deps: ClientDeps, client: ClientId): Promise<void> => {
  if (deps.configuredClients.has(client)) return
  if (await hasUnexpiredSession(deps, { scope: 'client', client })) return
  throw new AuthError('CLIENT_UNKNOWN', `There is no client ${client}, and no session of one.`)
}
