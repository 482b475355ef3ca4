export { canonicalJson } from './canonical-json.ts'
export { objectIn, textIn } from './json-in.ts'
export { type Leaf, type LeafKind, leafBytesMax, leafOf, missingLeaf } from './leaf.ts'
export { namesAnother, type ReadLeaf, readLeaf } from './read-leaf.ts'
