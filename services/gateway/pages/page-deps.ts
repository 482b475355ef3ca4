import type { AuditRouteDeps } from '../audit/routes/index.ts'
import type { RevocationRouteDeps } from '../revocations/routes/index.ts'
import type { Pages } from './open-pages.ts'

/** What pages use: what the routes use that they ask, and how they look. */
export type PageDeps = RevocationRouteDeps & AuditRouteDeps & Readonly<{ pages: Pages }>
