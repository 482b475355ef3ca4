import { hashBytes, nodeHash, type TreeHash } from './merkle-hash.ts'
import type { ReadNode } from './subtrees.ts'

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const tileWidth = 256

const threeDigits = (part: number): string => String(part).padStart(3, '0')

/** `1234067` as `x001/x234/067`: no file has the name of a folder. */
const indexPath = (index: number): string => {
  const last = threeDigits(index % 1_000)
  let path = last
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) {
    path = `x${threeDigits(rest % 1_000)}/${path}`
  }
  return path
}

const widthSuffix = (width: number): string => (width === tileWidth ? '' : `.p/${width}`)

export type TilePlace = Readonly<{
  /** A height in tiles, or the entries beneath the hashes of level 0. */
  level: number | 'entries'
  index: number
  /** 256, or of a partial one 1 to 255. */
  width: number
}>

export const tilePath = ({ level, index, width }: TilePlace): string =>
  `tile/${level}/${indexPath(index)}${widthSuffix(width)}`

/** How many hashes of `level` a tree of `size` has. */
export const hashesAt = (level: number, size: number): number =>
  Math.floor(size / tileWidth ** level)

/** How wide the tile is in a tree of `size`; 0 where that tree has none. */
export const widthAt = (level: number, index: number, size: number): number =>
  Math.max(0, Math.min(tileWidth, hashesAt(level, size) - index * tileWidth))

/** Every level of tiles that a tree of `size` has, from the leaves up. */
export const levelsOf = (size: number): readonly number[] => {
  const levels: number[] = []
  while (hashesAt(levels.length, size) > 0) levels.push(levels.length)
  return levels
}

/** The partial tiles of a tree of `size`, at most one a level. */
export const partialTiles = (size: number): readonly (TilePlace & { level: number })[] =>
  levelsOf(size).flatMap((level) => {
    const hashes = hashesAt(level, size)
    const width = hashes % tileWidth
    return width === 0 ? [] : [{ level, index: Math.floor(hashes / tileWidth), width }]
  })

/** The hashes of a tile, one behind the other. */
export type ReadTile = (place: TilePlace & { level: number }) => Promise<Buffer>

const tileHeight = 8

export const hashIn = (tile: Buffer, at: number): TreeHash =>
  tile.subarray(at * hashBytes, (at + 1) * hashBytes)

/** The root over `count` hashes of `tile` from `from` up; `count` is a power of two. */
const hashOver = (tile: Buffer, from: number, count: number): TreeHash => {
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
