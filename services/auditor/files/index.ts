export { addLife, livesOf, partitionsOf, readLives } from './lives-file.ts'
export { readMinimumIndex, refusePruned, treeBelow, writeMinimumIndex } from './minimum-index.ts'
export { proveEntry, sizeIn } from './prove-entry.ts'
export { entriesAt, entryAt, type LogPlace } from './read-entries.ts'
export { readHashes, readWidened } from './read-widened.ts'
export { type SignedHead, signedHead, signedHeadOf } from './signed-head.ts'
export { signedTiles } from './signed-tiles.ts'
export { openTrailFiles, readersOf, type TrailFiles, type TrailReaders } from './trail-files.ts'
export {
  checkpointFile,
  idsFile,
  isTreeName,
  type Life,
  lifePattern,
  livesFile,
  logIdOf,
  minimumFile,
  originOf,
  partialFolder,
  pathIn,
  type TreeName,
  treeFolder,
  verifierKeysFile,
  witnessedFile,
} from './trail-layout.ts'
export { releaseLockOf, TrailLock } from './trail-lock.ts'
