import { createHash, hash } from 'node:crypto'

/** A SHA-256 hash of a leaf or of a node of the tree. */
export type TreeHash = Buffer

export const hashBytes = 32

// In one call: an object for each hash takes as long as hashing what is short.
const sha256 = (bytes: Uint8Array): TreeHash => hash('sha256', bytes, 'buffer')

/** RFC 6962, 2.1: what a tree of no leaves hashes to. */
export const emptyRoot = (): TreeHash => sha256(Buffer.alloc(0))

const leafMark = Buffer.from([0])
/** A leaf behind its mark. Larger ones are hashed where they lie. */
const leaf = Buffer.alloc(4_096)

export const leafHash = (entry: Uint8Array): TreeHash => {
  if (entry.length >= leaf.length) {
    return createHash('sha256').update(leafMark).update(entry).digest()
  }
  leaf.set(entry, 1)
  return sha256(leaf.subarray(0, 1 + entry.length))
}

// One call into OpenSSL costs as much as hashing the few bytes: they are put together here first.
const node = Buffer.alloc(1 + 2 * hashBytes, 1)

export const nodeHash = (left: Uint8Array, right: Uint8Array): TreeHash => {
  node.set(left, 1)
  node.set(right, 1 + hashBytes)
  return sha256(node)
}
