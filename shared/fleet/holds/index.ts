export {
  erasureMaxMs,
  type Hold,
  type HoldRegister,
  type HoldScope,
  type Retention,
  withErasure,
  withHold,
  withoutErasure,
  withRelease,
  withRetention,
  withTold,
} from './hold-register.ts'
export { changeHolds, heldBy, readHolds, refuseWhileHeld } from './legal-holds.ts'
