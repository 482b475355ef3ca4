export {
  checkPrivate,
  exposureOf,
  type GroupAccess,
  groupAccesses,
  writing,
} from './file-permissions.ts'
export { openPrivateFolder, readOrMake, readPrivate, replacePrivate } from './private-file.ts'
