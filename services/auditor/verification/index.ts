export { type Finding, findingText } from './finding.ts'
export type { StreamVersions } from './stream-versions.ts'
export { type VerifiedTrail, verifyTrail } from './verify-trail.ts'
