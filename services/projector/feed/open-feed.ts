import { serviceClientsField } from '../../../shared/http/service-clients.ts'
import type { Clock } from '../../../shared/kernel/clock.ts'
import { field, type Values, whole } from '../../../shared/kernel/config.ts'
import type { Lifecycle } from '../../../shared/kernel/lifecycle.ts'
import type { Logger } from '../../../shared/kernel/logger.ts'
import type { RevocationFeed } from '../../../shared/ports/revocation-feed.ts'
import { FeedHub } from './feed-hub.ts'
import { FeedServer } from './feed-server.ts'

export const feedFields = {
  serviceClients: serviceClientsField,
  feedReadersMax: field({
    env: 'CURFEW_FEED_READERS_MAX',
    schema: whole(1, 10_000),
    otherwise: '1000',
    takes: 'a number from 1 to 10000',
    doc: 'How many guards one process serves over `GET /feed`; more are answered 503.',
  }),
} as const

export type FeedParts = Readonly<{
  feed: RevocationFeed
  clock: Clock
  logger: Logger
  parts: Lifecycle
}>

export type OpenFeed = Readonly<{ hub: FeedHub; server: FeedServer }>

/**
 * Reads the log for `GET /feed`, in the background; `null` if no service client may read the feed.
 * The caller must add the server to `parts` after the listening socket: on a stop these connections
 * must be ended first, since they never end by themselves.
 */
export const openFeed = async (
  { feed, clock, logger, parts }: FeedParts,
  { serviceClients: clients, feedReadersMax: connectionsMax }: Values<typeof feedFields>,
): Promise<OpenFeed | null> => {
  if (!clients.some(({ permissions }) => permissions.includes('feed'))) return null
  const hub = await parts.use(new FeedHub({ feed, clock, logger }))
  hub.start()
  return { hub, server: new FeedServer({ hub, clients, connectionsMax, clock, logger }) }
}
