export { FeedReader } from './feed-reader.ts'
export { retryingFeed } from './retrying-feed.ts'
export { type SseFeedOptions, sseRevocationFeed } from './sse-revocation-feed.ts'
