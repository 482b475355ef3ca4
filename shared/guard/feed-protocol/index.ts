export {
  decodeTuples,
  encodeFeedEvent,
  encodeRevocations,
  type FeedEvent,
  type FeedEventType,
  feedPosition,
  feedVersion,
  imageHeaderName,
  type ResetReason,
  type RevocationTuple,
  readFeedPosition,
  resetReasons,
} from './feed-messages.ts'
export { FeedMessageSequence } from './message-sequence.ts'
export {
  decodeImageChunk,
  encodeImageChunk,
  type ImageHeader,
  ImageSequence,
  imageRowBytes,
  readerRing,
  revocationOfRow,
} from './revocation-image.ts'
export { EventStreamParser } from './sse-parser.ts'
