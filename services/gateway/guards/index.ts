export {
  type AttachedGuard,
  attachedGuards,
  forgetSilentGuards,
  noteGuard,
  sightBody,
} from './attached-guards.ts'
export { attachedGuardLines } from './guard-metrics.ts'
export { GuardWatch } from './watch-guards.ts'
