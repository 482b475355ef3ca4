export {
  checkFolder,
  checkPrivate,
  exposureOf,
  type GroupAccess,
  groupAccesses,
  refuseUnreadable,
  writing,
} from './file-permissions.ts'
export { createPrivate, replacePrivate } from './write-private-file.ts'
