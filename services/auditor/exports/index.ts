export type { EventFilter } from './event-filter.ts'
export { isChosen, isWhole } from './event-filter.ts'
export { type ExportIndex, indexPath } from './export-index.ts'
export type { ExportPlan } from './export-resume-point.ts'
export { leavesOf, signedLeaves } from './exported-log.ts'
export { endOf, followTrail } from './follow-trail.ts'
export { leafOpener, type OpenLeaves } from './leaf-opener.ts'
export {
  type Position,
  PositionFile,
  parseTrailPosition,
  trailPositionText,
} from './position-file.ts'
export { type ExportOptions, type Progress, runExport } from './run-export.ts'

export { type VerifiedExport, verifyExport } from './verify-export.ts'
