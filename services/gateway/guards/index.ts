export { attachedGuardMetrics } from './attached-guard-metrics.ts'
export {
  type AttachedGuard,
  attachedGuards,
  forgetSilentGuards,
  noteGuard,
  sightBody,
} from './attached-guards.ts'
export { type RefusalQuantiles, refusalQuantiles, summedRefusals } from './refusal-quantiles.ts'
export { GuardWatch } from './watch-guards.ts'
