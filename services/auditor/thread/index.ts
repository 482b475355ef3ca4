export { type Sealed, TrailWorkerHost } from './trail-worker-host.ts'
export type { ToldStreams, TrailPlan, Verified } from './trail-worker-messages.ts'
