export type { TrailPlan } from './thread-messages.ts'
export { type Sealed, TrailThread } from './trail-thread.ts'
