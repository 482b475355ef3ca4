export {
  type Hold,
  type HoldRegister,
  type HoldScope,
  withHold,
  withRelease,
  withTold,
} from './hold-register.ts'
export { changeHolds, heldBy, readHolds, refuseWhileHeld } from './legal-holds.ts'
