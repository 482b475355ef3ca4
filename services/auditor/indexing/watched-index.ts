import { InvariantWatch, type WatchParts } from '../invariants/index.ts'
import { AuditIndexer, type IndexParts } from './audit-indexer.ts'

/** Fills the audit index, and looks at each event on the way: what breaks an invariant is told. */
export const watchedIndex = (parts: Omit<IndexParts, 'watch'> & WatchParts): AuditIndexer =>
  new AuditIndexer({ ...parts, watch: new InvariantWatch(parts) })
