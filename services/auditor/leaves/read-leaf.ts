import { isPlainObject } from '../../../shared/kernel/strict-json.ts'
import { missingLeaf } from './leaf.ts'

/** The JSON object that these bytes are; `null` when they are none. */
export const objectIn = (bytes: Buffer): Record<string, unknown> | null => {
  try {
    const read: unknown = JSON.parse(bytes.toString('utf8'))
    return isPlainObject(read) ? read : null
  } catch {
    return null
  }
}

export const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** What a leaf says of itself. */
export type ReadLeaf =
  | Readonly<{ kind: 'missing' }>
  | Readonly<{
      kind: 'record'
      partition: number
      offset: number
      logId: string
      /** The id of the event; `null` if the leaf holds no event. */
      id: string | null
      /** As it says; `null` when it names none. */
      fleet: string | null
      /** When it happened, as it says. */
      time: string | null
    }>

const idIn = (leaf: Record<string, unknown>): string | null => {
  if (leaf['type'] === 'curfew.OpaqueRecord') return null
  if (leaf['type'] !== 'curfew.LargeRecord') return textIn(leaf['id'])
  const { data } = leaf
  return isPlainObject(data) ? textIn(data['id']) : null
}

/** `null` when it is no leaf. */
export const readLeaf = (bytes: Buffer): ReadLeaf | null => {
  if (bytes.equals(missingLeaf)) return { kind: 'missing' }
  const leaf = objectIn(bytes)
  if (leaf === null) return null
  const { kafkapartition: partition, kafkaoffset, logid: logId, time } = leaf
  const offset = typeof kafkaoffset === 'string' ? Number(kafkaoffset) : Number.NaN
  if (!Number.isSafeInteger(offset) || typeof logId !== 'string') return null
  if (typeof partition !== 'number' || !Number.isSafeInteger(partition)) return null
  const fleet = textIn(leaf['fleet'])
  return { kind: 'record', partition, offset, logId, id: idIn(leaf), fleet, time: textIn(time) }
}

/** Whether a leaf is of another fleet than `ours`; `null` for a fleet without a name. */
export const namesAnother = (
  { fleet }: Readonly<{ fleet: string | null }>,
  ours: string | null,
): boolean => ours !== null && fleet !== null && fleet !== ours
