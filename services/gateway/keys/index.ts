export { type ListedKey, listKeys, madeRings, make, remove, rotate } from './key-folder.ts'
export {
  isRingName,
  type KeyFolderContext,
  type RingName,
  rings,
} from './rotated-rings.ts'
