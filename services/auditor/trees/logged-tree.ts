import { join } from 'node:path'
import { type Checkpoint, formatCheckpoint } from '../../../shared/tlog/checkpoint.ts'
import { encodeEntry, entriesIn } from '../../../shared/tlog/entry-bundle.ts'
import { hashBytes, leafHash, type TreeHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { hashIn, type TilePlace, tileWidth, widthAt } from '../../../shared/tlog/tile-path.ts'

import { type Tile, TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { checkpointFile, partialFolder, pathIn, readMinimumIndex } from '../files/index.ts'
import {
  damaged,
  type LoggedTreeOptions,
  partialPlaces,
  type Resumed,
  removeStale,
  resumedFrom,
} from './resumed-tree.ts'

/** Partial files of so many checkpoints stay, for whoever read an older one a moment ago. */
const generationsKept = 2

/**
 * One C2SP log in files. Full tiles and bundles are written as they fill; a checkpoint is written
 * when all that it vouches for is durable, and is put in place of the former at once. So after a
 * crash the newest checkpoint has its files, and what lies beyond it is written again.
 */
export class LoggedTree {
  readonly #options: LoggedTreeOptions
  readonly #builder: TreeBuilder
  /** Entries behind the last full bundle, with their lengths. */
  #bundle: Buffer[]
  #signed: TreeHead | null
  /** The checkpoint as it lies there. */
  #checkpoint: Buffer | null
  #read: Readonly<{ path: string; tile: Buffer | null; isPruned: boolean }> | null = null
  /** Partial files by the checkpoints that they belong to, oldest first. */
  #partials: (readonly TilePlace[])[]

  private constructor(
    options: LoggedTreeOptions,
    resumed: Resumed | null,
    checkpoint: Buffer | null,
  ) {
    this.#options = options
    this.#builder = resumed?.builder ?? new TreeBuilder()
    this.#bundle = resumed?.bundle ?? []
    this.#signed = resumed?.signed ?? null
    this.#checkpoint = checkpoint
    this.#partials = resumed ? [partialPlaces(resumed.signed.size)] : []
  }

  /**
   * Goes on where the signed checkpoint ends; from nothing where there is none.
   * @throws AuthError TRAIL_INVALID with the place, when the files are not what was signed
   */
  static opened(options: LoggedTreeOptions): LoggedTree {
    const { files, folder } = options
    const bytes = files.read(join(folder, checkpointFile))
    const resumed = bytes && resumedFrom(options, bytes)
    if (resumed) removeStale(options, resumed.signed.size)
    return new LoggedTree(options, resumed, bytes)
  }

  get size(): number {
    return this.#builder.size
  }

  /** As it was signed last; `null` before the first time. */
  get signed(): TreeHead | null {
    return this.#signed
  }

  head(): TreeHead {
    return this.#builder.head()
  }

  /** @throws AuthError TRAIL_INVALID before it writes, when another process signed meanwhile */
  add(entry: Buffer): void {
    const { files, folder } = this.#options
    this.#bundle.push(encodeEntry(entry))
    const full = this.#builder.add(leafHash(entry))
    if (full.length > 0) this.#refuseAnother()
    for (const { place, bytes } of full) files.write(pathIn(folder, place), bytes)
    if (this.#bundle.length < tileWidth) return
    const index = this.size / tileWidth - 1
    const place = { level: 'entries', index, width: tileWidth } as const
    files.write(pathIn(folder, place), Buffer.concat(this.#bundle))
    this.#bundle = []
  }

  /**
   * `null` for a leaf that was let go of.
   * @throws AuthError TRAIL_INVALID when its tile is not there
   */
  leafAt(index: number): TreeHash | null {
    const fresh = this.#freshEntry(index)
    if (fresh) return leafHash(fresh)
    const { files, folder } = this.#options
    const path = pathIn(folder, tileOf(0, index))
    // Leaves are compared one after another.
    if (this.#read?.path !== path) {
      const tile = files.read(path)
      const isPruned = tile === null && index < readMinimumIndex(files, folder)
      this.#read = { path, tile, isPruned }
    }
    const { tile, isPruned } = this.#read
    if (isPruned) return null
    if (tile?.length !== tileWidth * hashBytes) {
      return damaged(path, 'is not there as it was written')
    }
    return hashIn(tile, index % tileWidth)
  }

  /** @throws AuthError TRAIL_INVALID when its bundle is not there */
  entryAt(index: number): Buffer {
    const { files, folder } = this.#options
    const path = pathIn(folder, tileOf('entries', index))
    const bundled = (): readonly Buffer[] => entriesIn(files.read(path) ?? Buffer.alloc(0)) ?? []
    return (
      this.#freshEntry(index) ??
      bundled()[index % tileWidth] ??
      damaged(path, 'is not there as it was written')
    )
  }

  /** An entry after the last full bundle. */
  #freshEntry(index: number): Buffer | null {
    const encoded = this.#bundle[index - (this.size - this.#bundle.length)]
    return encoded?.subarray(2) ?? null
  }

  /**
   * Signs what was added since. Whether there was something.
   * @throws AuthError TRAIL_INVALID as `add`
   */
  seal(): boolean {
    const { files, folder, origin, signer } = this.#options
    const head = this.head()
    if (head.size === (this.#signed?.size ?? 0)) return false
    // Before the first write: a file that the other one signed must not become another one.
    this.#refuseAnother()
    const before = new Set((this.#partials.at(-1) ?? []).map((place) => pathIn(folder, place)))
    for (const { place, bytes } of this.#partialFiles()) {
      const path = pathIn(folder, place)
      // What is signed already is not written again: a crash must not leave half of it.
      if (!before.has(path)) files.write(path, bytes)
    }
    files.sync()
    this.#refuseAnother()
    const checkpoint: Checkpoint = { origin, ...head }
    const note = formatCheckpoint(checkpoint, signer.sign)
    files.replace(join(folder, checkpointFile), note)
    files.sync()
    this.#checkpoint = note
    this.#signed = head
    this.#partials.push(partialPlaces(head.size))
    this.#removeOld()
    return true
  }

  /** Two processes on one folder would each sign heads of their own. */
  #refuseAnother(): void {
    const { files, folder } = this.#options
    const path = join(folder, checkpointFile)
    const found = files.read(path)
    const isOwn = found === null ? this.#checkpoint === null : this.#checkpoint?.equals(found)
    if (!isOwn) damaged(path, 'was changed by another process: one auditor writes to one folder')
  }

  #partialFiles(): readonly Readonly<{ place: TilePlace; bytes: Buffer }>[] {
    const tiles: readonly Tile[] = this.#builder.partial()
    const width = this.#bundle.length
    if (width === 0) return tiles
    const index = Math.floor(this.size / tileWidth)
    const place = { level: 'entries', index, width } as const
    return [...tiles, { place, bytes: Buffer.concat(this.#bundle) }]
  }

  #removeOld(): void {
    const { files, folder } = this.#options
    while (this.#partials.length > generationsKept) {
      const old = this.#partials.shift() ?? []
      const kept = new Set(this.#partials.flat().map((place) => pathIn(folder, place)))
      for (const place of old) {
        const path = pathIn(folder, place)
        const { level, index } = place
        const isFull = widthAt(level === 'entries' ? 0 : level, index, this.size) === tileWidth
        const keepsOthers = [...kept].some((one) => one.startsWith(partialFolder(folder, place)))
        if (isFull && !keepsOthers) files.remove(partialFolder(folder, place))
        else if (!kept.has(path)) files.remove(path)
      }
    }
  }
}

const tileOf = (level: TilePlace['level'], leaf: number): TilePlace => ({
  level,
  index: Math.floor(leaf / tileWidth),
  width: tileWidth,
})
