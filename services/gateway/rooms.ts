import type { GuardRegistry } from '../../shared/ports/guard-registry.ts'
import type { Privacy } from '../../shared/privacy/index.ts'
import type { AuditRouteDeps } from './audit/routes/index.ts'
import type { HoldRouteDeps } from './holds/routes/index.ts'
import type { Metadata } from './http/index.ts'
import type { KeyRouteDeps } from './keys/routes/index.ts'
import type { OperatorRouteDeps } from './operators/routes/index.ts'
import type { PageDeps } from './pages/index.ts'
import type { ForwardAuthDeps } from './proxies/index.ts'
import type { RevocationRouteDeps } from './revocations/routes/index.ts'
import type { Ssf } from './ssf/index.ts'
import type { StatusLists } from './status-list/index.ts'

/**
 * The opened rooms of one gateway. Only the files on top see all of them; each command and each
 * route names the few things that it uses.
 */
export type Rooms = RevocationRouteDeps &
  PageDeps &
  ForwardAuthDeps &
  AuditRouteDeps &
  HoldRouteDeps &
  OperatorRouteDeps &
  KeyRouteDeps &
  Readonly<{
    guards: GuardRegistry
    privacy: Privacy
    ssf: Ssf
    statusLists: StatusLists
    metadata: Metadata
    /** The public keys as JWK Set; called for each request, since rings rotate. */
    jwks: () => object
  }>
