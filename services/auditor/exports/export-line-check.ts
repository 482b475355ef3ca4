import { leafHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import type { TreeBuilder } from '../../../shared/tlog/tree-builder.ts'
import { type ExportedLeaf, exportedLeaf } from '../export-formats/index.ts'
import { isChosen, isWhole } from './event-filter.ts'
import { counted, KindCounts, type LogCounts, noCounts } from './export-counts.ts'
import type { ExportIndex } from './export-index.ts'
import { emptyTree, treeFrom } from './saved-tree.ts'

type IndexedLog = ExportIndex['logs'][number]

const offsetIn = ({ event }: ExportedLeaf): number => {
  const offset = event['kafkaoffset']
  return typeof offset === 'string' ? Number(offset) : Number.NaN
}

/** What the first line of a log follows. */
const treeBefore = (log: IndexedLog | undefined): TreeBuilder => treeFrom(log?.begin ?? emptyTree)

/**
 * The lines of an export of CloudEvents against its index. Where nothing was left out, each log’s
 * lines make its tree again: then they are what was signed, and the index is not believed.
 */
export class ExportLineCheck {
  readonly #index: ExportIndex
  readonly #heads: ReadonlyMap<string, TreeHead>
  readonly #problems: string[] = []
  readonly #kinds = new KindCounts()
  #at = 0
  #counts: LogCounts = noCounts
  #tree: TreeBuilder
  #lines = 0

  /** `heads`: of each log, what the newest head names of it. */
  constructor(index: ExportIndex, heads: ReadonlyMap<string, TreeHead>) {
    this.#index = index
    this.#heads = heads
    this.#tree = treeBefore(index.logs[0])
    this.#passEnds()
  }

  meet(line: Buffer): void {
    this.#lines += 1
    const log = this.#index.logs[this.#at]
    if (!log) {
      this.#find(`line ${this.#lines} belongs to no log`)
      return
    }
    try {
      this.#take(log, line)
    } catch {
      this.#find(`line ${this.#lines} is no event`)
      this.#tree.add(leafHash(line))
    }
    this.#passEnds()
  }

  /** Everything that is wrong. */
  ended(): readonly string[] {
    const { logs, kinds } = this.#index
    for (const { life, partition, events } of logs.slice(this.#at)) {
      this.#problems.push(`${life}/${partition}: ${events} events are not all there`)
    }
    const found = JSON.stringify(this.#kinds.all())
    if (found !== JSON.stringify(kinds)) this.#problems.push(`the kinds are ${found}`)
    return this.#problems
  }

  #take({ log, life, partition }: IndexedLog, line: Buffer): void {
    const { filter } = this.#index
    const whole = isWhole(filter)
    const index = this.#tree.size
    const leaf = exportedLeaf({ log, life, partition, index }, line)
    const offset = offsetIn(leaf)
    if (!isChosen(filter, leaf)) this.#find(`line ${this.#lines} is not what was asked for`)
    if (whole && !Number.isNaN(offset) && offset !== index) {
      this.#find(`line ${this.#lines} is of the offset ${offset}, and must be of ${index}`)
    }
    this.#kinds.add(leaf)
    this.#counts = counted(this.#counts, { ...leaf, index: whole ? index : offset })
    this.#tree.add(leaf.hash)
    if (whole) this.#compareWithHead(`${life}/${partition}`)
  }

  #compareWithHead(name: string): void {
    const head = this.#heads.get(name)
    if (head?.size !== this.#tree.size || this.#tree.head().root.equals(head.root)) return
    this.#find(`${name}: its lines do not lead to the root that the newest head names`)
  }

  /** To the next log that has lines, once those of this one were met. */
  #passEnds(): void {
    for (
      let log = this.#index.logs[this.#at];
      log && this.#counts.events + this.#lost() >= log.events;
      log = this.#index.logs[this.#at]
    ) {
      this.#endLog(log)
      this.#at += 1
      this.#counts = noCounts
      this.#tree = treeBefore(this.#index.logs[this.#at])
    }
  }

  /** Lines that were no events. */
  #lost(): number {
    const begin = this.#index.logs[this.#at]?.begin?.size ?? 0
    return this.#tree.size - begin - this.#counts.events
  }

  #endLog({ life, partition, size, root, events, first, last, begin }: IndexedLog): void {
    const name = `${life}/${partition}`
    const found = this.#counts
    // In place of a record that the log did not have there is no offset.
    const isKnown = !Number.isNaN(found.first) && !Number.isNaN(found.last)
    if (isKnown && (found.first !== first || found.last !== last)) {
      this.#find(`${name}: the first and the last are ${found.first} and ${found.last}`)
    }
    if (!isWhole(this.#index.filter)) return
    const leaves = size - (begin?.size ?? 0)
    if (events !== leaves) {
      this.#find(`${name}: has ${events} of ${leaves} leaves, and no filter`)
    }
    if (this.#tree.head().root.toString('base64') === root) return
    this.#find(`${name}: its lines do not lead to the signed root`)
  }

  #find(problem: string): void {
    if (this.#problems.length < 100) this.#problems.push(problem)
  }
}
