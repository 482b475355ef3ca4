export {
  type Hold,
  type HoldRegister,
  type HoldScope,
  type Retention,
  withHold,
  withRelease,
  withRetention,
  withTold,
} from './hold-register.ts'
export { changeHolds, heldBy, readHolds, refuseWhileHeld } from './legal-holds.ts'
