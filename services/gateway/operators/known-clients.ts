import type { Permission, ServiceClient } from '../../../shared/http/service-clients.ts'
import type { ClientId } from '../../../shared/kernel/ids.ts'

/** A client that the settings name, without its secret. */
export type KnownClient = Readonly<{
  id: ClientId
  /** Whether people log in through it. */
  logins: boolean
  permissions: readonly Permission[]
}>

export type Configured = Readonly<{ client: ClientId; serviceClients: readonly ServiceClient[] }>

/** The client of people first, then the service clients, in the order of the settings. */
export const knownClients = ({ client, serviceClients }: Configured): readonly KnownClient[] => {
  const own = serviceClients.find(({ id }) => id === client)
  const others = serviceClients.filter(({ id }) => id !== client)
  return [
    { id: client, logins: true, permissions: own?.permissions ?? [] },
    ...others.map(({ id, permissions }) => ({ id, logins: false, permissions })),
  ]
}
