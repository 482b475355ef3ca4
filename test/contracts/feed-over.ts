import { logRevocationFeed } from '../../shared/adapters/log-feed/revocation-feed.ts'
import type { EventLog } from '../../shared/ports/event-log.ts'
import { aRing } from '../support/fakes/builders.ts'
import type { FeedUnderTest } from './revocation-feed.ts'

/** The log feed over a log that the contract writes to. */
export const feedOver = (log: EventLog): FeedUnderTest => {
  const ring = aRing()
  const feed = logRevocationFeed(log, ring)
  return {
    feed,
    ring,
    publish: (records) => log.publish(records),
    close: async () => {
      await feed.close()
      await log.close()
    },
  }
}
