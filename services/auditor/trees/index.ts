export { headsIn } from './head-entry.ts'
export type { CheckpointSigner } from './resumed-tree.ts'
export { alarmText, type TrailAlarm } from './trail-alarm.ts'
export { TrailLife } from './trail-life.ts'
