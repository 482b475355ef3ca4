export {
  type ComparedStore,
  compareStreams,
  compareWithStore,
  publishedWithinMs,
  type TrailStreams,
} from './compare-store.ts'
export { type Finding, findingText } from './finding.ts'
export type { MetVersion } from './stream-versions.ts'
export { type VerifiedTrail, verifyTrail } from './verify-trail.ts'
