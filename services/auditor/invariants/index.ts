export { InvariantWatch, type WatchParts } from './invariant-watch.ts'
export { seenEvents } from './seen-event.ts'
