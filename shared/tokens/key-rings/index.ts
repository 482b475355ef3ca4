export { awaitEventsRing, awaitMacRing } from './await-mac-ring.ts'
export {
  type FollowedMacRing,
  followEventsRing,
  followMacRing,
  loadEventsRing,
  loadMacRing,
} from './follow-mac-ring.ts'
export {
  type KeyFiles,
  keyFileNames,
  loadRing,
  openKeyFiles,
  openPersonalRing,
  saveRing,
} from './key-files.ts'

export { withKeyFolderLock } from './key-folder-lock.ts'
export {
  type AccessKeyRing,
  type AccessKeys,
  createRing,
  type KeyRing,
  type RefreshKeyRing,
  type RingKey,
  removeKey,
  replaceNext,
  ringKey,
  rotateRing,
  type SetKeyRing,
  type SigningKeys,
  thumbprint,
  wrappingRingOf,
} from './key-ring.ts'
export { isMatchingKeyPair, parseRing } from './key-ring-json.ts'

export { logReaderCredentials } from './log-reader-credentials.ts'

export { publishedJwks } from './public-jwks.ts'
export type { SecurityEventKeys } from './security-event-keys.ts'
