export { canonicalJson } from './canonical-json.ts'
export { type Leaf, type LeafKind, leafBytesMax, leafOf, missingLeaf } from './leaf.ts'
export { namesAnother, objectIn, type ReadLeaf, readLeaf, textIn } from './read-leaf.ts'
