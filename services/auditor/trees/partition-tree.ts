import { type EventCheck, eventMacProblem } from '../../../shared/events/event-mac.ts'
import { otherFleetIn } from '../../../shared/events/fleet-header.ts'
import type { RawRecord } from '../../../shared/events/log-record.ts'
import { leafHash } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { type Life, logIdOf } from '../files/index.ts'
import { leafOf, missingLeaf } from '../leaves/index.ts'
import { IdIndex } from '../receipts/index.ts'
import { LoggedTree } from './logged-tree.ts'
import type { LoggedTreeOptions } from './resumed-tree.ts'
import { noteUnsigned, type UnsignedLeaves } from './unsigned-leaves.ts'

/** Why a record is no event of this fleet: it is in the trail, and is not found by its id. */
type RecordProblem = Readonly<{ kind: 'forged' | 'foreign'; text: string }>
/** `null` for an event of this fleet, and for what nobody can take for one. */
export type RecordJudge = (record: RawRecord) => RecordProblem | null

/**
 * A record that names another fleet is not excused by it: nobody here can check its MAC, so whoever
 * may write to the topic could give it the id of any event.
 */
export const judgeRecord = (check: EventCheck, record: RawRecord): RecordProblem | null => {
  if (record.unread) return null
  const fleet = otherFleetIn(record, check.ring.fleet)
  if (fleet !== null) return { kind: 'foreign', text: `names the fleet ${fleet}` }
  const problem = eventMacProblem(check, record)
  return problem === null ? null : { kind: 'forged', text: `has ${problem}` }
}

/**
 * What an operator must hear of.
 * - `rewritten`, `shorter`: the log is not what was signed; the partition is not gone on with.
 * - `missing`: the log does not have these records (any more): retention, or a gap.
 * - `forged`: no gateway of this fleet signed the record, which is in the trail all the same.
 * - `foreign`: the record names another fleet, whose MAC nobody here can check.
 * - `opaque`, `large`: a record of somebody else, or one that no leaf holds.
 */
export type TrailAlarm = Readonly<{
  kind: 'rewritten' | 'shorter' | 'missing' | 'forged' | 'foreign' | 'opaque' | 'large'
  partition: number
  offset: number
  text: string
}>

export const alarmText = ({ partition, offset, text }: TrailAlarm): string =>
  `record ${offset} of partition ${partition} of auth.events ${text}`

/** Ends the filling of a large gap in slices, so that the thread answers meanwhile. */
const missingPerStep = 50_000

export type TrailBatch = Readonly<{
  /** They follow each other. */
  records: readonly RawRecord[]
  /** Where the log ends. */
  end: number
  /** For each record: whether this process signed it itself. */
  isSigned?: readonly boolean[]
}>

type NamedPartition = Readonly<{
  partition: number
  life: Life
  /** The fleet whose events can be found by their ids. */
  fleet: string | null
  judge: RecordJudge
  /** Where the newest head that was signed ends: it tells of those before who signed them. */
  headed: number
}>

/** The log of one partition: the leaf at an index is the record at that offset. */
export class PartitionTree {
  readonly #named: NamedPartition
  readonly #logId: string
  readonly #tree: LoggedTree
  readonly #ids: IdIndex
  #refused: TrailAlarm | null = null
  /** Up to where records were judged, by this process or one before. */
  #judged: number
  #unsigned: UnsignedLeaves[] = []

  private constructor(named: NamedPartition, tree: LoggedTree, ids: IdIndex) {
    this.#named = named
    this.#logId = logIdOf(named.life)
    this.#tree = tree
    this.#ids = ids
    this.#judged = named.headed
  }

  /** @throws AuthError TRAIL_INVALID as `LoggedTree.opened` */
  static opened(named: NamedPartition, options: LoggedTreeOptions): PartitionTree {
    const tree = LoggedTree.opened(options)
    return new PartitionTree(named, tree, IdIndex.opened(options, tree.size, named.fleet))
  }

  get size(): number {
    return this.#tree.size
  }

  /** A crash between the signature of the leaves and that of their head leaves some to judge. */
  get resumesAt(): number {
    return Math.min(this.size, this.#judged)
  }

  head(): TreeHead {
    return this.#tree.head()
  }

  /** Leaves since the last time that no gateway of this fleet signed. */
  takeUnsigned(): readonly UnsignedLeaves[] {
    const taken = this.#unsigned
    this.#unsigned = []
    return taken
  }

  /** Why nothing is added any more; until the next start. */
  get refused(): TrailAlarm | null {
    return this.#refused
  }

  /**
   * Adds records that follow each other. What lies below the end is compared with its leaf: a log
   * that says something else now is not gone on from.
   */
  async add(
    { records, end, isSigned = [] }: TrailBatch,
    breathe: () => Promise<void>,
  ): Promise<readonly TrailAlarm[]> {
    if (this.#refused) return []
    if (end < this.size) return this.#refuse(end, shorterText(this.size), 'shorter')
    const alarms: TrailAlarm[] = []
    for (const [at, record] of records.entries()) {
      const { offset } = record
      const { kind, bytes, id } = leafOf(this.#logId, record)
      if (offset < this.size) {
        // What was let go of has nothing to be compared with.
        if (this.#tree.leafAt(offset)?.equals(leafHash(bytes)) ?? true) {
          this.#judge(record, isSigned[at])
          continue
        }
        return [...alarms, ...this.#refuse(offset, 'is not what was signed', 'rewritten')]
      }
      if (offset > this.size) alarms.push(await this.#fill(offset, breathe))
      const problem = this.#judge(record, isSigned[at])
      if (problem) alarms.push(this.#alarm(problem.kind, offset, problem.text))
      if (kind !== 'event') alarms.push(this.#alarm(kind, offset, texts[kind]))
      this.#tree.add(bytes)
      this.#ids.add(problem ? null : id)
    }
    return alarms
  }

  #judge(record: RawRecord, isOwn = false): RecordProblem | null {
    const { offset } = record
    if (offset < this.#judged) return null
    this.#judged = offset + 1
    const { partition, judge } = this.#named
    const problem = isOwn ? null : judge(record)
    if (problem?.kind === 'forged') noteUnsigned(this.#unsigned, partition, offset)
    return problem
  }

  /** Whether there was something to sign. */
  seal(): boolean {
    const isSealed = this.#tree.seal()
    if (isSealed) this.#ids.flush()
    return isSealed
  }

  async #fill(to: number, breathe: () => Promise<void>): Promise<TrailAlarm> {
    const from = this.size
    while (this.size < to) {
      this.#tree.add(missingLeaf)
      this.#ids.add(null)
      if (this.size % missingPerStep === 0) await breathe()
    }
    return this.#alarm('missing', from, `and up to ${to - 1} are not in the log`)
  }

  #refuse(offset: number, text: string, kind: 'shorter' | 'rewritten'): readonly TrailAlarm[] {
    this.#refused = this.#alarm(kind, offset, text)
    return [this.#refused]
  }

  #alarm(kind: TrailAlarm['kind'], offset: number, text: string): TrailAlarm {
    return { kind, partition: this.#named.partition, offset, text }
  }
}

const texts = {
  opaque: 'is no CloudEvent; the trail has its bytes',
  large: 'is too large for the trail, which has its hash',
} as const

const shorterText = (size: number): string =>
  `is where the log ends, below ${size}, which is signed: an older backup was restored, or ` +
  'records were removed'
