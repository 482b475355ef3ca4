export { headsIn, openTrailHeads } from './open-trail-heads.ts'
