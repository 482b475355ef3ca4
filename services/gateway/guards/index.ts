export {
  type AttachedGuard,
  attachedGuardMetrics,
  attachedGuards,
  forgetSilentGuards,
  noteGuard,
  sightBody,
} from './attached-guards.ts'

export { GuardWatch } from './guard-watch.ts'
export { type RefusalQuantiles, refusalQuantiles, summedRefusals } from './refusal-quantiles.ts'
