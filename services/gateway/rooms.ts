import type { GuardRegistry } from '../../shared/ports/guard-registry.ts'
import type { Metadata } from './http/index.ts'
import type { RevocationRouteDeps } from './revocations/routes/index.ts'
import type { Ssf } from './ssf/index.ts'
import type { StatusLists } from './status-list/index.ts'

/**
 * The rooms of one gateway, opened. Only what stands on top sees them all: each command and each
 * route names the few that it uses.
 */
export type Rooms = RevocationRouteDeps &
  Readonly<{
    guards: GuardRegistry
    ssf: Ssf
    statusLists: StatusLists
    metadata: Metadata
    /** The public keys as JWK Set, read anew for each request since rings rotate. */
    jwks: () => object
  }>
