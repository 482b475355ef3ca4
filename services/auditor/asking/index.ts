export { IndexFollower } from './index-follower.ts'
export { indexedRecords, readRecords } from './indexed-records.ts'
export { watchedIndex } from './watched-index.ts'
