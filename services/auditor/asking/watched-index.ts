import { InvariantWatch, type WatchParts } from '../invariants/index.ts'
import { IndexFollower, type IndexParts } from './index-follower.ts'

/** Fills the audit index, and looks at each event on the way: what breaks an invariant is told. */
export const watchedIndex = (parts: Omit<IndexParts, 'watch'> & WatchParts): IndexFollower =>
  new IndexFollower({ ...parts, watch: new InvariantWatch(parts) })
