import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { hashInBase64 } from '../../../shared/tlog/strict-base64.ts'
import { canonicalJson, objectIn, textIn } from '../leaves/index.ts'
import { type UnsignedLeaves, unsignedIn } from './unsigned-leaves.ts'

/** An entry of the log of heads: how far all partitions were, and when. */
export type HeadEntry = Readonly<{
  /** By the auditor’s clock. */
  at: EpochMs
  /** All revocations before this instant are in the log, as the newest closed time says. */
  closed: EpochMs | null
  /** The fleet whose events count in it; `null` where fleets have no names. */
  fleet: string | null
  partitions: ReadonlyMap<number, TreeHead>
  /** In the first entry: the signed head of the life before, as it was. */
  previous: string | null
  /** Leaves that came since the entry before, and whose records this fleet did not sign. */
  unsigned: readonly UnsignedLeaves[]
}>

export const encodeHead = (head: HeadEntry): Buffer => {
  const { at, closed, fleet, partitions, previous, unsigned } = head
  const rows = [...partitions]
    .sort(([one], [other]) => one - other)
    .map(([partition, { size, root }]) => ({ partition, root: root.toString('base64'), size }))
  const entry = {
    closed: closed === null ? null : new Date(closed).toISOString(),
    ...(fleet === null ? {} : { fleet }),
    partitions: rows,
    ...(previous === null ? {} : { previous }),
    time: new Date(at).toISOString(),
    ...(unsigned.length === 0 ? {} : { unsigned }),
  }
  return Buffer.from(canonicalJson(entry) ?? '')
}

const headIn = (row: unknown): readonly [number, TreeHead] | null => {
  if (!isPlainObject(row)) return null
  const { partition, root, size } = row
  const hash = typeof root === 'string' ? hashInBase64(root) : null
  if (typeof partition !== 'number' || typeof size !== 'number') return null
  return hash ? [partition, { size, root: hash }] : null
}

/** What an entry of the log of heads says, as far as somebody needs it. */
export type ReadHead = Pick<HeadEntry, 'fleet' | 'partitions' | 'previous' | 'unsigned'> &
  Readonly<{
    /** When it was made, as it says. */
    time: string | null
    /** What it says of the newest closed time. */
    closed: string | null
  }>

const isTextOrNull = (value: unknown): value is string | null =>
  value === null || typeof value === 'string'

/** `null` when it is no head. */
export const readHead = (entry: Buffer): ReadHead | null => {
  const read = objectIn(entry)
  if (read === null || !Array.isArray(read['partitions'])) return null
  const { fleet = null, previous = null } = read
  if (!isTextOrNull(fleet) || !isTextOrNull(previous)) return null
  const heads = read['partitions'].map(headIn)
  if (!heads.every((head) => head !== null)) return null
  const unsigned = unsignedIn(read['unsigned'])
  if (unsigned === null) return null
  const [time, closed] = [textIn(read['time']), textIn(read['closed'])]
  return { fleet, partitions: new Map(heads), previous, time, closed, unsigned }
}
