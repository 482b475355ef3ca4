export { addLife, livesOf, partitionsOf, readLives } from './lives-file.ts'
export { readMinimumIndex, refusePruned, treeBelow, writeMinimumIndex } from './minimum-index.ts'
export { proveEntry, sizeIn } from './prove-entry.ts'
export {
  entriesAt,
  entryAt,
  type LogPlace,
  readHashes,
  readWidened,
  signedTiles,
} from './read-tiles.ts'

export { type SignedHead, signedHead, signedHeadOf } from './signed-head.ts'

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
