import { z } from 'zod'
import {
  field,
  flag,
  flagTakes,
  httpUrl,
  optional,
  text,
  type Values,
} from '../../shared/kernel/config.ts'
import {
  isKnownSecret,
  knownSecretProblem,
} from '../../shared/tokens/known-secrets/publicly-known-secret.ts'

/** Where a service with a guard gets revocations from. */
export const feedFields = {
  feed: optional({
    env: 'CURFEW_FEED',
    schema: z.enum(['log', 'kafka', 'sse'], { error: 'is no feed' }),
    takes: 'log, kafka or sse',
    doc:
      'How a guard hears of revocations. `log`: it reads the log itself, in its own thread. ' +
      '`kafka`: the same in another thread, which can fail alone. `sse`: it reads `GET /feed` of ' +
      'a projector, and needs neither Kafka nor the log’s MAC ring. Without it, `kafka` where ' +
      'CURFEW_KAFKA_BROKERS is set, else `log`; `start` always reads its own log.',
  }),
  feedUrl: optional({
    env: 'CURFEW_FEED_URL',
    schema: httpUrl,
    takes: 'the address of the feed, such as https://projector.internal/feed',
    doc: 'With CURFEW_FEED=sse. https, unless it is this machine.',
  }),
  feedClient: optional({
    env: 'CURFEW_FEED_CLIENT_ID',
    schema: text(64),
    takes: 'the id of one of the projector’s CURFEW_SERVICE_CLIENTS, with `feed`',
    doc: 'Who reads the feed. It introspects too, unless CURFEW_INTROSPECT_CLIENT_ID is given.',
  }),
  feedSecret: optional({
    env: 'CURFEW_FEED_CLIENT_SECRET',
    schema: text(255).refine((secret) => !isKnownSecret(secret), { error: knownSecretProblem }),
    secret: true,
    takes: 'its secret',
    doc: 'For HTTP Basic at the feed.',
  }),
  feedInsecure: field({
    env: 'CURFEW_FEED_INSECURE',
    schema: flag,
    otherwise: 'false',
    takes: flagTakes,
    doc:
      'Allows http to another machine, where something else protects the way: who can change ' +
      'the feed can take revocations out.',
  }),
} as const

type FeedConfig = Values<typeof feedFields>
export type FeedKind = NonNullable<FeedConfig['feed']>

/** Without a setting: Kafka, if brokers are named, read in a thread of its own; else the log. */
export const feedKindOf = ({
  feed,
  kafkaBrokers,
}: Readonly<{ feed: FeedKind | null; kafkaBrokers: readonly string[] }>): FeedKind =>
  feed ?? (kafkaBrokers.length > 0 ? 'kafka' : 'log')

export const feedMistakes = ({ feed, feedUrl, feedClient, feedSecret }: FeedConfig): string[] =>
  feed === 'sse' && (feedUrl === null || feedClient === null || feedSecret === null)
    ? [
        'CURFEW_FEED=sse needs CURFEW_FEED_URL, CURFEW_FEED_CLIENT_ID and ' +
          'CURFEW_FEED_CLIENT_SECRET.',
      ]
    : []
