import { AuthError } from '../kernel/errors.ts'
import { emptyRoot, nodeHash, type TreeHash } from './merkle-hash.ts'
import { type ReadNode, rangeHash, splitOf } from './subtrees.ts'

/** Hashes in the order of RFC 6962: from the leaf's sibling up to the root's child. */
export type MerkleProof = readonly TreeHash[]

const refuseRange = (text: string): never => {
  throw new AuthError('INPUT_INVALID', text)
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/**
 * RFC 6962, 2.1.1: that the leaf `index` is in the tree of `size` leaves.
 * @throws AuthError INPUT_INVALID when that tree has no such leaf
 */
export const inclusionProof = async (
  read: ReadNode,
  index: number,
  size: number,
): Promise<MerkleProof> => {
  if (!isSize(index) || !isSize(size) || index >= size) {
    refuseRange(`a tree of ${size} has no leaf ${index}`)
  }
  const path = async (from: number, to: number): Promise<TreeHash[]> => {
    if (to - from === 1) return []
    const middle = from + splitOf(to - from)
    return index < middle
      ? [...(await path(from, middle)), await rangeHash(read, middle, to)]
      : [...(await path(middle, to)), await rangeHash(read, from, middle)]
  }
  return path(0, size)
}

/**
 * RFC 6962, 2.1.2: that the tree of `size` leaves begins with that of `older`.
 * @throws AuthError INPUT_INVALID when `older` is the larger one
 */
export const consistencyProof = async (
  read: ReadNode,
  older: number,
  size: number,
): Promise<MerkleProof> => {
  if (!isSize(older) || !isSize(size) || older > size) {
    refuseRange(`a tree of ${size} does not begin with one of ${older}`)
  }
  const path = async (from: number, to: number, isWhole: boolean): Promise<TreeHash[]> => {
    if (older === to) return isWhole ? [] : [await rangeHash(read, from, to)]
    const middle = from + splitOf(to - from)
    return older <= middle
      ? [...(await path(from, middle, isWhole)), await rangeHash(read, middle, to)]
      : [...(await path(middle, to, false)), await rangeHash(read, from, middle)]
  }
  return older === 0 ? [] : path(0, size, true)
}

/** The root that `proof` leads to from `leaf`; `null` when it has not as many hashes as it must. */
const rootOverLeaf = (
  leaf: TreeHash,
  index: number,
  [from, to]: readonly [number, number],
  proof: MerkleProof,
): TreeHash | null => {
  if (to - from === 1) return proof.length === 0 ? leaf : null
  const sibling = proof.at(-1)
  if (!sibling) return null
  const middle = from + splitOf(to - from)
  const below = proof.slice(0, -1)
  if (index < middle) {
    const left = rootOverLeaf(leaf, index, [from, middle], below)
    return left && nodeHash(left, sibling)
  }
  const right = rootOverLeaf(leaf, index, [middle, to], below)
  return right && nodeHash(sibling, right)
}

export type Inclusion = Readonly<{
  leaf: TreeHash
  index: number
  size: number
  root: TreeHash
  proof: MerkleProof
}>

export const isIncluded = ({ leaf, index, size, root, proof }: Inclusion): boolean => {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  return rootOverLeaf(leaf, index, [0, size], proof)?.equals(root) ?? false
}

type Roots = Readonly<{ older: TreeHash; newer: TreeHash }>

/** What both roots must be by `proof`; as Go’s `tlog.runTreeProof`. */
const rootsOver = (
  olderSize: number,
  [from, to]: readonly [number, number],
  proof: MerkleProof,
  olderRoot: TreeHash,
): Roots | null => {
  if (olderSize === to) {
    if (from === 0) return proof.length === 0 ? { older: olderRoot, newer: olderRoot } : null
    const [only] = proof
    return only && proof.length === 1 ? { older: only, newer: only } : null
  }
  const sibling = proof.at(-1)
  if (!sibling) return null
  const middle = from + splitOf(to - from)
  const below = proof.slice(0, -1)
  if (olderSize <= middle) {
    const left = rootsOver(olderSize, [from, middle], below, olderRoot)
    return left && { older: left.older, newer: nodeHash(left.newer, sibling) }
  }
  const right = rootsOver(olderSize, [middle, to], below, olderRoot)
  return right && { older: nodeHash(sibling, right.older), newer: nodeHash(sibling, right.newer) }
}

/** A tree by its size and root. */
export type TreeHead = Readonly<{ size: number; root: TreeHash }>

/** Whether `newer` begins with all of `older`. Every tree begins with the empty one. */
export const isConsistent = (older: TreeHead, newer: TreeHead, proof: MerkleProof): boolean => {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false
  if (older.size === 0) return proof.length === 0 && older.root.equals(emptyRoot())
  const roots = rootsOver(older.size, [0, newer.size], proof, older.root)
  if (roots === null) return false
  return roots.older.equals(older.root) && roots.newer.equals(newer.root)
}
