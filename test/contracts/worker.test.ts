import { toldWorker } from '../support/fakes/told-worker.ts'
import { type FeedUnderTest, revocationFeedContract } from './revocation-feed.ts'

revocationFeedContract('log-feed in a thread', async (): Promise<FeedUnderTest> => {
  const { feed, ring, publish, hangUp } = toldWorker()
  return {
    feed,
    ring,
    publish,
    close: async () => {
      await feed.close()
      hangUp()
    },
  }
})
