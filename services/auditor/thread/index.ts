export type { ToldStreams, TrailPlan, Verified } from './thread-messages.ts'
export { type Sealed, TrailThread } from './trail-thread.ts'
