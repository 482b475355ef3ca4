export { beginLife } from './begin-life.ts'
export { type ReadHead, readHead } from './head-entry.ts'
export { alarmText, judgeRecord, type RecordJudge, type TrailAlarm } from './partition-tree.ts'
export type { CheckpointSigner } from './resumed-tree.ts'

export { TrailLife } from './trail-life.ts'
export type { UnsignedLeaves } from './unsigned-leaves.ts'
