import { createHash } from 'node:crypto'
import { leafHash, type TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import type { ReadNode } from '../../../shared/tlog/subtrees.ts'
import { nodesInTiles, tilePath } from '../../../shared/tlog/tile-path.ts'

import { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'

export const entryAt = (index: number): Buffer => Buffer.from(`entry ${index}`)

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** MTH of RFC 6962, 2.1, word by word. */
export const definedRoot = (entries: readonly Uint8Array[]): Buffer => {
  const [only] = entries
  if (!only) return sha256()
  if (entries.length === 1) return sha256(Buffer.from([0]), only)
  let split = 1
  while (split * 2 < entries.length) split *= 2
  const left = definedRoot(entries.slice(0, split))
  return sha256(Buffer.from([1]), left, definedRoot(entries.slice(split)))
}

export type DrawnTree = Readonly<{
  builder: TreeBuilder
  /** By path, as in a trail’s folder. */
  tiles: ReadonlyMap<string, Buffer>
  nodes: ReadNode
  root: TreeHash
}>

/** A tree of the entries 0 to `size`, and its tiles. */
export const treeOf = (size: number): DrawnTree => {
  const builder = new TreeBuilder()
  const tiles = new Map<string, Buffer>()
  for (let index = 0; index < size; index += 1) {
    for (const { place, bytes } of builder.add(leafHash(entryAt(index)))) {
      tiles.set(tilePath(place), bytes)
    }
  }
  for (const { place, bytes } of builder.partial()) tiles.set(tilePath(place), bytes)
  const read = async (place: Parameters<typeof tilePath>[0]): Promise<Buffer> => {
    const tile = tiles.get(tilePath(place))
    if (!tile) throw new Error(`no ${tilePath(place)} in a tree of ${size}`)
    return tile
  }
  return { builder, tiles, nodes: nodesInTiles(read, size), root: builder.head().root }
}
