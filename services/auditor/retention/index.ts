export { type CarryingOut, carryOutRetention } from './carry-out.ts'
export {
  type AskedRetention,
  decideRetention,
  type PlannedRetention,
  pendingRetention,
  previewRetention,
} from './retain-trail.ts'
