export {
  encodeFeedEvent,
  encodeRevocations,
  type FeedEvent,
  type FeedEventType,
  feedPosition,
  feedVersion,
  type ResetReason,
  type RevocationTuple,
  readFeedPosition,
  resetReasons,
} from './feed-messages.ts'
export { FeedMessageSequence } from './message-sequence.ts'
export { EventStreamParser } from './sse-parser.ts'
