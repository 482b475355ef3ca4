export { IndexFollower } from './index-follower.ts'
