import { openFeedWorld } from '../support/worlds/feed-world.ts'
import { type FeedUnderTest, revocationFeedContract } from './revocation-feed.ts'

revocationFeedContract('sse over memory', async (): Promise<FeedUnderTest> => {
  const { log, ring, feedAt, close } = await openFeedWorld()
  const feed = feedAt()
  return {
    feed,
    ring,
    publish: (records) => log.publish(records),
    close: async () => {
      await feed.close()
      await close()
      await log.close()
    },
  }
})
