import { type Tile, TreeBuilder } from '../../../shared/tlog/tree-builder.ts'

/** The edge of a tree that grows, as text. */
export type SavedTree = Readonly<{
  size: number
  partial: readonly (Tile['place'] & Readonly<{ bytes: string }>)[]
}>

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
