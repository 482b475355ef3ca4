import { join } from 'node:path'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import {
  checkpointFile,
  type Life,
  originOf,
  type TrailFiles,
  type TreeName,
  treeFolder,
} from '../files/index.ts'
import { encodeHead, readHead } from './head-entry.ts'
import { LoggedTree } from './logged-tree.ts'
import {
  PartitionTree,
  type RecordJudge,
  type TrailAlarm,
  type TrailBatch,
} from './partition-tree.ts'

import type { CheckpointSigner, LoggedTreeOptions } from './resumed-tree.ts'
import { perEntry } from './unsigned-leaves.ts'

export type TrailLifeOptions = Readonly<{
  files: TrailFiles
  /** Before `/<life>/<partition>` in the origins. */
  host: string
  life: Life
  /** The life before this one: its head is the first entry of this life’s log of heads. */
  previous: Life | null
  partitions: number
  signer: CheckpointSigner
  /** The fleet whose events the log holds; the heads name it. `null` where fleets have no names. */
  fleet: string | null
  judge: RecordJudge
}>

/** A head is signed so often when no event comes: whoever watches sees that the auditor lives. */
const idleMs = 60_000

/** The logs of one life: one for each partition, and the log of their heads. */
export class TrailLife {
  readonly #options: TrailLifeOptions
  readonly #partitions = new Map<number, PartitionTree>()
  readonly #heads: LoggedTree
  #headAt: EpochMs | null = null

  private constructor(options: TrailLifeOptions, heads: LoggedTree) {
    this.#options = options
    this.#heads = heads
  }

  /** Goes on with what lies there. @throws AuthError TRAIL_INVALID with the place */
  static opened(options: TrailLifeOptions): TrailLife {
    const life = new TrailLife(options, LoggedTree.opened(treeOptions(options, 'heads')))
    for (let at = 0; at < options.partitions; at += 1) life.#partition(at)
    life.#refuseRolledBack()
    return life
  }

  /** A partition that is signed, and no head: heads are signed first, so they were removed. */
  get hasLostHeads(): boolean {
    return (
      this.#heads.signed === null && [...this.#partitions.values()].some(({ size }) => size > 0)
    )
  }

  get isSigned(): boolean {
    return this.#heads.signed !== null
  }

  /** From where records are wanted of each partition. */
  resumesAt(): ReadonlyMap<number, number> {
    return new Map(
      [...this.#partitions].map(([partition, { resumesAt }]) => [partition, resumesAt]),
    )
  }

  /** How many leaves each partition has. */
  sizes(): ReadonlyMap<number, number> {
    return new Map([...this.#partitions].map(([partition, { size }]) => [partition, size]))
  }

  /** Partitions that are not gone on with, and why. */
  refused(): readonly TrailAlarm[] {
    return [...this.#partitions.values()].flatMap(({ refused }) => (refused ? [refused] : []))
  }

  add(
    batch: TrailBatch & Readonly<{ partition: number }>,
    breathe: () => Promise<void>,
  ): Promise<readonly TrailAlarm[]> {
    return this.#partition(batch.partition).add(batch, breathe)
  }

  /**
   * Signs what came, the partitions first and then their heads. Whether a head was signed.
   */
  seal(at: EpochMs, closed: EpochMs | null): boolean {
    const grown = [...this.#partitions.values()].filter((tree) => tree.seal())
    const isIdle = this.#headAt !== null && at - this.#headAt < idleMs && at >= this.#headAt
    const unsigned = [...this.#partitions.values()].flatMap((tree) => tree.takeUnsigned())
    if (grown.length === 0 && unsigned.length === 0 && isIdle) return false
    const heads: [number, TreeHead][] = [...this.#partitions].map(([partition, tree]) => [
      partition,
      tree.head(),
    ])
    const previous = this.#heads.size === 0 ? this.#previousHead() : null
    const head = { at, closed, fleet: this.#options.fleet, partitions: new Map(heads) }
    for (const [nth, some] of perEntry(unsigned).entries()) {
      const before = nth === 0 ? previous : null
      this.#heads.add(encodeHead({ ...head, previous: before, unsigned: some }))
    }
    this.#heads.seal()
    this.#headAt = at
    return true
  }

  #partition(partition: number): PartitionTree {
    const known = this.#partitions.get(partition)
    if (known) return known
    const options = treeOptions(this.#options, partition)
    const { life, fleet, judge } = this.#options
    const headed = this.#newestHead()?.get(partition)?.size ?? 0
    const opened = PartitionTree.opened({ partition, life, fleet, judge, headed }, options)
    this.#partitions.set(partition, opened)
    return opened
  }

  /**
   * Partitions are signed before their heads, so none is behind the newest head: one that is was
   * put back, or its checkpoint was removed.
   */
  #refuseRolledBack(): void {
    for (const [partition, { size }] of this.#newestHead() ?? []) {
      const found = this.#partition(partition).size
      if (found >= size) continue
      const folder = treeFolder(this.#options.life, partition)
      const text = `${folder} ends at ${found}, and ${size} is what the newest head names`
      throw new AuthError('TRAIL_INVALID', text)
    }
  }

  #newestHead(): ReadonlyMap<number, TreeHead> | null {
    const { size } = this.#heads
    return size === 0 ? null : (readHead(this.#heads.entryAt(size - 1))?.partitions ?? null)
  }

  #previousHead(): string | null {
    const { files, previous } = this.#options
    if (previous === null) return null
    const path = join(treeFolder(previous, 'heads'), checkpointFile)
    return files.read(path)?.toString('utf8') ?? null
  }
}

const treeOptions = (
  { files, host, life, signer }: TrailLifeOptions,
  tree: TreeName,
): LoggedTreeOptions => ({
  files,
  folder: treeFolder(life, tree),
  origin: originOf(host, life, tree),
  signer,
})
