export { awaitEventsRing, awaitMacRing } from './await-mac-ring.ts'
export { type FollowedMacRing, followEventsRing, followMacRing } from './follow-mac-ring.ts'
export { keyFileNames } from './key-file-names.ts'
export { type KeyFiles, loadRing, openKeyFiles, openPersonalRing, saveRing } from './key-files.ts'
export { withKeyFolderLock } from './key-folder-lock.ts'
export { isMatchingKeyPair } from './key-pair-check.ts'
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
export { parseRing } from './key-ring-json.ts'
export { logReaderCredentials } from './log-reader-credentials.ts'
export { loadEventsRing, loadMacRing } from './mac-ring-files.ts'
export { publishedJwks } from './public-jwks.ts'
export type { SecurityEventKeys } from './security-event-keys.ts'
