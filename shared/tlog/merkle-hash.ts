import { createHash } from 'node:crypto'

/** A SHA-256 hash of a leaf or of a node of the tree. */
export type TreeHash = Buffer

export const hashBytes = 32

const leafMark = Buffer.from([0])
const sha256 = (bytes: Uint8Array): TreeHash => createHash('sha256').update(bytes).digest()

/** RFC 6962, 2.1: what a tree of no leaves hashes to. */
export const emptyRoot = (): TreeHash => sha256(Buffer.alloc(0))

export const leafHash = (entry: Uint8Array): TreeHash =>
  createHash('sha256').update(leafMark).update(entry).digest()

// One call into OpenSSL costs as much as hashing the few bytes: they are put together here first.
const node = Buffer.alloc(1 + 2 * hashBytes, 1)

export const nodeHash = (left: Uint8Array, right: Uint8Array): TreeHash => {
  node.set(left, 1)
  node.set(right, 1 + hashBytes)
  return sha256(node)
}
