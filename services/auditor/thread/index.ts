export type { TrailPlan, Verified } from './thread-messages.ts'
export { type Sealed, TrailThread } from './trail-thread.ts'
