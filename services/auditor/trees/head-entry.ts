import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { hashBytes } from '../../../shared/tlog/merkle-hash.ts'
import type { TreeHead } from '../../../shared/tlog/merkle-proof.ts'
import { strictBase64 } from '../../../shared/tlog/strict-base64.ts'
import { canonicalJson } from '../leaves/index.ts'

/** An entry of the log of heads: how far all partitions were, and when. */
export type HeadEntry = Readonly<{
  /** By the auditor’s clock. */
  at: EpochMs
  /** All revocations before this instant are in the log, as the newest closed time says. */
  closed: EpochMs | null
  partitions: ReadonlyMap<number, TreeHead>
  /** In the first entry: the signed head of the life before, as it was. */
  previous: string | null
}>

export const encodeHead = ({ at, closed, partitions, previous }: HeadEntry): Buffer => {
  const rows = [...partitions]
    .sort(([one], [other]) => one - other)
    .map(([partition, { size, root }]) => ({ partition, root: root.toString('base64'), size }))
  const entry = {
    closed: closed === null ? null : new Date(closed).toISOString(),
    partitions: rows,
    ...(previous === null ? {} : { previous }),
    time: new Date(at).toISOString(),
  }
  return Buffer.from(canonicalJson(entry) ?? '')
}

const headIn = (row: unknown): readonly [number, TreeHead] | null => {
  if (!isPlainObject(row)) return null
  const { partition, root, size } = row
  const hash = typeof root === 'string' ? strictBase64(root) : null
  if (typeof partition !== 'number' || typeof size !== 'number') return null
  return hash?.length === hashBytes ? [partition, { size, root: hash }] : null
}

/** The heads that an entry names; `null` when it is none. */
export const headsIn = (entry: Buffer): ReadonlyMap<number, TreeHead> | null => {
  try {
    const read: unknown = JSON.parse(entry.toString('utf8'))
    const rows = isPlainObject(read) ? read['partitions'] : null
    if (!Array.isArray(rows)) return null
    const heads = rows.map(headIn)
    return heads.every((head) => head !== null) ? new Map(heads) : null
  } catch {
    return null
  }
}
