export {
  checkPrivate,
  exposureOf,
  type GroupAccess,
  groupAccesses,
  writing,
} from './file-permissions.ts'
export { openPrivateFolder, readOrMake, readPrivate } from './read-private-file.ts'
export { replacePrivate } from './write-private-file.ts'
