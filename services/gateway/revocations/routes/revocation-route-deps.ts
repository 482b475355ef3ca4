import type { SessionRouteDeps } from '../../sessions/index.ts'
import type { ClientDeps } from '../index.ts'
export type RevocationRouteDeps = SessionRouteDeps & Pick<ClientDeps, 'configuredClients'>
