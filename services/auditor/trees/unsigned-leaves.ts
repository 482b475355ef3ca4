import { isPlainObject } from '../../../shared/kernel/strict-json.ts'

/** Leaves of a partition whose records no gateway of this fleet signed: from one up to another. */
export type UnsignedLeaves = Readonly<{ partition: number; from: number; to: number }>

/** Of an entry, which has at most 65,535 bytes; what is more goes into further entries. */
const perEntryMax = 500

/** Notes a leaf behind those that were noted before. */
export const noteUnsigned = (noted: UnsignedLeaves[], partition: number, index: number): void => {
  const last = noted.at(-1)
  if (last?.to === index) noted[noted.length - 1] = { ...last, to: index + 1 }
  else noted.push({ partition, from: index, to: index + 1 })
}

/** As entries of the log of heads take them; one at least, which may be empty. */
export const perEntry = (noted: readonly UnsignedLeaves[]): readonly UnsignedLeaves[][] =>
  Array.from({ length: Math.max(1, Math.ceil(noted.length / perEntryMax)) }, (_, at) =>
    noted.slice(at * perEntryMax, (at + 1) * perEntryMax),
  )

const isIndex = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0

const rangeIn = (row: unknown): UnsignedLeaves | null => {
  if (!isPlainObject(row)) return null
  const { partition, from, to } = row
  if (!isIndex(partition) || !isIndex(from) || !isIndex(to) || to <= from) return null
  return { partition, from, to }
}

/** What an entry of the log of heads names; `null` when that is no list of leaves. */
export const unsignedIn = (rows: unknown): readonly UnsignedLeaves[] | null => {
  if (rows === undefined) return []
  if (!Array.isArray(rows)) return null
  const ranges = rows.map(rangeIn)
  return ranges.every((range) => range !== null) ? ranges : null
}
