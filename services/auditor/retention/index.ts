export { type CarryingOut, carryOutRetention } from './carry-out.ts'
export {
  type AskedRetention,
  decideRetention,
  type PlannedRetention,
  pendingRetention,
  previewRetention,
} from './retain-trail.ts'
export { RetentionRounds } from './retention-rounds.ts'
export { tellInStore } from './tell-in-store.ts'
