export { type AttachedGuard, attachedGuards, forgetGuards, noteGuard } from './attached-guards.ts'
export { attachedGuardLines } from './guard-metrics.ts'
