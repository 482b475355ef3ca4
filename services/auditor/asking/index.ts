export { IndexFollower } from './index-follower.ts'
export { watchedIndex } from './watched-index.ts'
