import type { TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { type TilePlace, tilePath, tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'
import { type Tile, TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { readHashes, type TrailFiles } from '../files/index.ts'
import type { Findings } from './finding.ts'

type Parts = Readonly<{
  files: TrailFiles
  folder: string
  size: number
  marks: readonly TreeHead[]
  findings: Findings
}>

const nothing = Buffer.alloc(32)

/**
 * The tree of the entries, and as soon as one of them differs from the hash that lies beside it,
 * also the tree of those hashes. Whichever leads to the signed root says what was changed.
 */
export class LogTrees {
  readonly #parts: Parts
  #byEntries = new TreeBuilder()
  #byHashes: TreeBuilder | null = null
  /** Leaves whose entry and hash differ, or of which one is not there. */
  readonly #differing: number[] = []
  #differences = 0
  #mark = 0
  #lastGood = 0
  #isBad = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#meetMarks()
  }

  /** How many leaves were added, or leapt over. */
  get size(): number {
    return this.#byEntries.size
  }

  /**
   * Goes on behind leaves that were let go of: `below` is the tree of them, by the hashes that lead
   * to the signed root as all others do. Of roots that were signed within them nothing can be said.
   */
  leap(below: TreeBuilder): void {
    this.#byEntries = below
    this.#byHashes = null
    this.#lastGood = below.size
    const { marks } = this.#parts
    while ((marks[this.#mark]?.size ?? below.size) < below.size) this.#mark += 1
    this.#meetMarks()
  }

  /** The hash of the entry, and the one in the tile; `null` for what is not there. */
  add(ofEntry: TreeHash | null, inTile: TreeHash | null): void {
    const index = this.#byEntries.size
    if (!(ofEntry && inTile && ofEntry.equals(inTile))) this.#differ(index)
    const full = this.#byEntries.add(ofEntry ?? inTile ?? nothing)
    const others = this.#byHashes?.add(inTile ?? ofEntry ?? nothing) ?? full
    for (const [at, tile] of full.entries()) {
      if (tile.place.level > 0) this.#compare(tile, others[at] ?? tile)
    }
    this.#meetMarks()
  }

  /** Says what is wrong, once all leaves were added. */
  end(signed: TreeHash): void {
    const others = this.#byHashes?.partial() ?? this.#byEntries.partial()
    for (const [at, tile] of this.#byEntries.partial().entries()) {
      if (tile.place.level > 0) this.#compare(tile, others[at] ?? tile)
    }
    const entriesAreSigned = this.#byEntries.head().root.equals(signed)
    const hashesAreSigned = this.#byHashes?.head().root.equals(signed) ?? entriesAreSigned
    const text = entriesAreSigned
      ? 'is as it was signed, and its hash is not'
      : hashesAreSigned
        ? 'is not what was signed'
        : 'does not lead to its hash, and neither leads to the signed root'
    this.#tellDiffering(entriesAreSigned ? 0 : 'entries', text)
    if (entriesAreSigned || hashesAreSigned || this.#isBad) return
    this.#parts.findings.add(null, null, 'has a root that its leaves do not lead to')
  }

  /** Says what is wrong as far as leaves were added: those behind them are gone. */
  endEarly(): void {
    this.#tellDiffering('entries', 'does not lead to its hash')
  }

  #tellDiffering(level: TilePlace['level'], text: string): void {
    for (const index of this.#differing) {
      const at = Math.floor(index / tileWidth)
      const width = widthAt(0, at, this.#parts.size)
      this.#parts.findings.add(tilePath({ level, index: at, width }), index, text)
    }
  }

  #differ(index: number): void {
    this.#differences += 1
    if (this.#differences <= 1_000) this.#differing.push(index)
    if (this.#byHashes) return
    const { size } = this.#byEntries
    this.#byHashes = TreeBuilder.resumed(size, this.#byEntries.partial())
  }

  #compare({ place, bytes }: Tile, other: Tile): void {
    const { files, folder, findings, size } = this.#parts
    const found = readHashes(files, folder, place)
    if (found && (found.equals(bytes) || found.equals(other.bytes))) return
    const first = place.index * tileWidth ** (place.level + 1)
    const last = Math.min(size, first + place.width * tileWidth ** place.level) - 1
    const text = found
      ? `is not the tile over the leaves ${first} to ${last}`
      : `is not there: the tile over the leaves ${first} to ${last}`
    findings.add(tilePath(place), null, text)
  }

  /**
   * Compares with heads that were signed: the change lies between the last good head and the first
   * bad one.
   */
  #meetMarks(): void {
    const { marks, findings } = this.#parts
    while (marks[this.#mark]?.size === this.#byEntries.size) {
      const mark = marks[this.#mark]
      this.#mark += 1
      if (!mark || this.#isBad) continue
      const roots = [this.#byEntries.head().root, this.#byHashes?.head().root]
      if (roots.some((root) => root?.equals(mark.root))) {
        this.#lastGood = mark.size
        continue
      }
      this.#isBad = true
      const text = `is the first leaf that may not be what was signed, of ${mark.size - 1} at most`
      findings.add(null, this.#lastGood, text)
    }
  }
}
