import { nodeHash, type TreeHash } from './merkle-hash.ts'

/** The root of the perfect subtree over the leaves `index * 2^level` to `(index + 1) * 2^level`. */
export type ReadNode = (level: number, index: number) => Promise<TreeHash>

/** The greatest power of two below `count`, where RFC 6962 splits; `count` is 2 or more. */
export const splitOf = (count: number): number => {
  // No bit operations: they end at 2^31, and sizes do not.
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** The level of a perfect subtree over `count` leaves; `null` when no perfect one has as many. */
const levelOf = (count: number): number | null => {
  const level = Math.round(Math.log2(count))
  return 2 ** level === count ? level : null
}

/**
 * MTH(D[from:to]) of RFC 6962, for a range that its splits lead to: `from` is a multiple of the
 * power of two that covers the range.
 */
export const rangeHash = async (read: ReadNode, from: number, to: number): Promise<TreeHash> => {
  const level = levelOf(to - from)
  if (level !== null) return read(level, from / 2 ** level)
  const middle = from + splitOf(to - from)
  return nodeHash(await rangeHash(read, from, middle), await rangeHash(read, middle, to))
}
