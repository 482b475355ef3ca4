export { appendRetentionEvent } from './append-retention-event.ts'
export { type CarryingOut, carryOutRetention } from './carry-out-retention.ts'
export {
  type AskedRetention,
  decideRetention,
  type PlannedRetention,
  pendingRetention,
  previewRetention,
} from './decide-retention.ts'
export { RetentionRounds } from './retention-rounds.ts'
