import fc from 'fast-check'
import { leafHash } from '../../../shared/tlog/merkle-hash.ts'
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
} from '../../../shared/tlog/merkle-proof.ts'
import { partialTiles, tilePath, widthAt } from '../../../shared/tlog/tile-path.ts'
import { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { assert, claims } from '../../support/suite.ts'
import { definedRoot, entryAt, treeOf } from '../../support/trail/drawn-trees.ts'

const entries = (size: number): Buffer[] => Array.from({ length: size }, (_, at) => entryAt(at))
/** Around the borders of tiles, and between them. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 600 }),
  fc.constantFrom(1, 2, 3, 255, 256, 257, 511, 512, 513),
)
const flipped = (hash: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(hash)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}
const bit = fc.integer({ min: 0, max: 255 })
const drawn = { numRuns: 60 }

claims('trees of RFC 6962', {
  'a root is what the definition says, for every size up to 300': () => {
    const builder = new TreeBuilder()
    for (let count = 0; count <= 300; count += 1) {
      assert.equal(builder.head(), { size: count, root: definedRoot(entries(count)) })
      builder.add(leafHash(entryAt(count)))
    }
  },

  'a tree of 70,000 has the tiles that the specification counts': () => {
    const { tiles } = treeOf(70_000)
    const at = (level: number): string[] =>
      [...tiles.keys()].filter((path) => path.startsWith(`tile/${level}/`))
    assert.is(at(0).filter((path) => !path.includes('.p/')).length, 273)
    assert.ok(tiles.has('tile/0/273.p/112'))
    assert.equal(at(1), ['tile/1/000', 'tile/1/001.p/17'])
    assert.equal(at(2), ['tile/2/000.p/1'])
    assert.equal(
      partialTiles(256).map(tilePath),
      ['tile/1/000.p/1'],
      'a tree of 256 has a partial tile of level 1 alone',
    )
    assert.is(tilePath({ level: 3, index: 1_234_067, width: 256 }), 'tile/3/x001/x234/067')
    assert.is(tilePath({ level: 'entries', index: 5, width: 7 }), 'tile/entries/005.p/7')
    assert.is(widthAt(0, 273, 70_000), 112)
    assert.is(widthAt(0, 274, 70_000), 0)
  },

  'a builder that is resumed from the partial tiles goes on as the one before': () =>
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 300 }), (before, more) => {
        const { builder } = treeOf(before)
        const resumed = TreeBuilder.resumed(before, builder.partial())
        assert.equal(resumed.head(), builder.head())
        for (let index = before; index < before + more; index += 1) {
          const leaf = leafHash(entryAt(index))
          assert.equal(resumed.add(leaf), builder.add(leaf))
        }
        assert.equal(resumed.head(), builder.head())
        assert.equal(resumed.partial(), builder.partial())
      }),
      drawn,
    ),

  'the proof of a leaf proves it, and nothing else': () =>
    fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), bit, async (count, drawnIndex, other, flip) => {
        const index = drawnIndex % count
        const { nodes, root } = treeOf(count)
        const proof = await inclusionProof(nodes, index, count)
        const right = { leaf: leafHash(entryAt(index)), index, size: count, root, proof }
        assert.ok(isIncluded(right))
        assert.not.ok(isIncluded({ ...right, leaf: leafHash(entryAt(count)) }))
        assert.not.ok(isIncluded({ ...right, root: flipped(root, flip) }))
        assert.not.ok(isIncluded({ ...right, proof: [...proof, root] }))
        if (other % count !== index) {
          assert.not.ok(isIncluded({ ...right, index: other % count }))
        }
        for (const [at, hash] of proof.entries()) {
          assert.not.ok(isIncluded({ ...right, proof: proof.with(at, flipped(hash, flip)) }))
        }
        if (proof.length > 0) assert.not.ok(isIncluded({ ...right, proof: proof.slice(1) }))
        for (const wrong of [-1, count, count + 1, 0.5, Number.NaN, 2 ** 53]) {
          assert.not.ok(isIncluded({ ...right, index: wrong }))
        }
      }),
      drawn,
    ),

  'the proof between two sizes proves that one goes on from the other, and nothing else': () =>
    fc.assert(
      fc.asyncProperty(size, fc.nat(), bit, async (count, drawnOlder, flip) => {
        const older = drawnOlder % (count + 1)
        const { nodes, root } = treeOf(count)
        const before = { size: older, root: definedRoot(entries(older)) }
        const after = { size: count, root }
        const proof = await consistencyProof(nodes, older, count)
        assert.ok(isConsistent(before, after, proof))
        assert.not.ok(isConsistent({ ...before, root: flipped(before.root, flip) }, after, proof))
        assert.not.ok(isConsistent(before, after, [...proof, root]))
        // Of an empty tree nothing is asked, and a tree goes on from itself by its root alone.
        if (older === 0 || older === count) return
        assert.not.ok(isConsistent(before, { ...after, root: flipped(root, flip) }, proof))
        assert.not.ok(isConsistent(before, after, proof.slice(1)))
        for (const [at, hash] of proof.entries()) {
          assert.not.ok(isConsistent(before, after, proof.with(at, flipped(hash, flip))))
        }
      }),
      drawn,
    ),

  'what a tree does not have is refused by name': async () => {
    const { nodes } = treeOf(3)
    const code = (error: unknown): unknown => (error as { code?: unknown }).code
    for (const [index, of] of [
      [3, 3],
      [-1, 3],
      [0, 0],
      [0.5, 3],
    ] as const) {
      assert.is(await inclusionProof(nodes, index, of).catch(code), 'INPUT_INVALID')
    }
    assert.is(await consistencyProof(nodes, 4, 3).catch(code), 'INPUT_INVALID')
  },
})
