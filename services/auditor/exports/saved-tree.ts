import { z } from 'zod'
import { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'

const count = z.int().min(0)
const tile = z.object({
  level: count.max(7),
  index: count,
  width: count.max(255),
  bytes: z.string(),
})

export const savedTreeSchema = z.object({ size: count, partial: z.array(tile).max(8) })

/** The edge of a tree that grows, as text. */
export type SavedTree = Readonly<z.infer<typeof savedTreeSchema>>

/** The tree of an empty log. */
export const emptyTree: SavedTree = { size: 0, partial: [] }

export const savedTree = (tree: TreeBuilder): SavedTree => ({
  size: tree.size,
  partial: tree
    .partial()
    .map(({ place, bytes }) => ({ ...place, bytes: bytes.toString('base64') })),
})

export const treeFrom = ({ size, partial }: SavedTree): TreeBuilder => {
  const tiles = partial.map(({ level, index, width, bytes }) => ({
    place: { level, index, width },
    bytes: Buffer.from(bytes, 'base64'),
  }))
  return TreeBuilder.resumed(size, tiles)
}
