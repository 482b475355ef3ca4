import type { Following, FollowOptions } from '../../../ports/event-log.ts'

/** Each is in `followings` until it is stopped. */
export const trackFollowings =
  (followings: Set<Following>, follow: (wanted: FollowOptions) => Following) =>
  (wanted: FollowOptions): Following => {
    const following = follow(wanted)
    const tracked: Following = {
      stop: async () => {
        await following.stop()
        followings.delete(tracked)
      },
    }
    followings.add(tracked)
    return tracked
  }
