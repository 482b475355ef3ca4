export { addLife, livesOf, readLives } from './lives.ts'
export { readWidened } from './read-widened.ts'
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
  originOf,
  partialFolder,
  pathIn,
  type TreeName,
  treeFolder,
  treeNameOf,
  verifierKeysFile,
  witnessedFile,
} from './trail-layout.ts'
