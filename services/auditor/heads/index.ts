export { headsIn, openTrailHeads } from './trail-heads.ts'
