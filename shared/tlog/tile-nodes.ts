import { hashBytes, nodeHash, type TreeHash } from './merkle-hash.ts'
import type { ReadNode } from './subtrees.ts'
import { type TilePlace, tileWidth, widthAt } from './tile-path.ts'

/** The hashes of a tile, one behind the other. */
export type ReadTile = (place: TilePlace & { level: number }) => Promise<Buffer>

const tileHeight = 8

export const hashIn = (tile: Buffer, at: number): TreeHash =>
  tile.subarray(at * hashBytes, (at + 1) * hashBytes)

/** The root over `count` hashes of `tile` from `from` up; `count` is a power of two. */
export const hashOver = (tile: Buffer, from: number, count: number): TreeHash => {
  if (count === 1) return hashIn(tile, from)
  const half = count / 2
  return nodeHash(hashOver(tile, from, half), hashOver(tile, from + half, half))
}

/**
 * The nodes of a tree of `size` leaves, from its tiles. Whoever reads them must have verified the
 * root of that tree: a node is worth what its tile is.
 */
export const nodesInTiles =
  (readTile: ReadTile, size: number): ReadNode =>
  async (nodeLevel, nodeIndex) => {
    const level = Math.floor(nodeLevel / tileHeight)
    const count = 2 ** (nodeLevel % tileHeight)
    const first = nodeIndex * count
    const index = Math.floor(first / tileWidth)
    const tile = await readTile({ level, index, width: widthAt(level, index, size) })
    return hashOver(tile, first % tileWidth, count)
  }
