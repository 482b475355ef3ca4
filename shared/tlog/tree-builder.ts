import { emptyRoot, hashBytes, nodeHash, type TreeHash } from './merkle-hash.ts'
import type { TreeHead } from './merkle-proof.ts'
import { hashesAt, hashIn, levelsOf, type TilePlace, tileWidth } from './tile-path.ts'

export type Tile = Readonly<{ place: TilePlace & { level: number }; bytes: Buffer }>

/** The hashes of the tile that is begun, and the perfect subtrees of it, greatest first. */
type Level = { width: number; readonly bytes: Buffer; readonly peaks: TreeHash[] }

const newLevel = (): Level => ({ width: 0, bytes: Buffer.alloc(tileWidth * hashBytes), peaks: [] })

/** As a binary counter is incremented: two subtrees of one height become one. */
const extend = (level: Level, hash: TreeHash): void => {
  level.bytes.set(hash, level.width * hashBytes)
  let peak = hash
  for (let carried = level.width; carried % 2 === 1; carried = (carried - 1) / 2) {
    peak = nodeHash(level.peaks.pop() ?? peak, peak)
  }
  level.peaks.push(peak)
  level.width += 1
}

/**
 * A tree that grows at its right edge, of which it keeps the partial tiles alone: 8 KiB a level.
 * Cost: one hash of a node for each leaf, and a few for each `head`.
 */
export class TreeBuilder {
  readonly #levels: Level[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /**
   * The tree of `size` leaves whose partial tiles are these. It says nothing of their truth:
   * compare its `head` with one that was signed.
   */
  static resumed(size: number, partial: readonly Tile[]): TreeBuilder {
    const builder = new TreeBuilder()
    builder.#size = size
    for (const level of levelsOf(size)) builder.#levels[level] = newLevel()
    for (const { place, bytes } of partial) {
      const level = builder.#level(place.level)
      for (let at = 0; at < place.width; at += 1) extend(level, hashIn(bytes, at))
    }
    return builder
  }

  /** The tiles that the leaf filled, from the leaves up. */
  add(leaf: TreeHash): readonly Tile[] {
    const full: Tile[] = []
    this.#size += 1
    let hash: TreeHash | null = leaf
    for (let at = 0; hash !== null; at += 1) hash = this.#push(at, hash, full)
    return full
  }

  /** The tiles that are begun. */
  partial(): readonly Tile[] {
    return this.#levels.flatMap((level, at) => {
      if (level.width === 0) return []
      const index = Math.floor(hashesAt(at, this.#size) / tileWidth)
      const bytes = Buffer.from(level.bytes.subarray(0, level.width * hashBytes))
      return [{ place: { level: at, index, width: level.width }, bytes }]
    })
  }

  head(): TreeHead {
    const peaks = this.#levels.toReversed().flatMap((level) => level.peaks)
    const root = peaks.reduceRight<TreeHash | null>(
      (below, peak) => (below === null ? peak : nodeHash(peak, below)),
      null,
    )
    return { size: this.#size, root: root ?? emptyRoot() }
  }

  #level(at: number): Level {
    const level = this.#levels[at] ?? newLevel()
    this.#levels[at] = level
    return level
  }

  /** The hash of the tile that `hash` filled, for the level above. */
  #push(at: number, hash: TreeHash, full: Tile[]): TreeHash | null {
    const level = this.#level(at)
    extend(level, hash)
    if (level.width < tileWidth) return null
    const index = hashesAt(at + 1, this.#size) - 1
    full.push({
      place: { level: at, index, width: tileWidth },
      bytes: Buffer.from(level.bytes),
    })
    level.width = 0
    return level.peaks.pop() ?? null
  }
}
