import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Arrived, AuditPlace } from '../../../shared/ports/audit-index.ts'

/** A place as a cursor; opaque to whoever gets it. */
export const placeText = ({ at, lane, offset }: AuditPlace): string => `${at}.${lane}.${offset}`

/** The place of a cursor; `null` for what is none. */
export const placeOf = (text: string): AuditPlace | null => {
  if (!/^\d{1,13}\.\d{1,5}\.\d{1,13}$/.test(text)) return null
  const [at = 0, lane = 0, offset = 0] = text.split('.').map(Number)
  return { at: at as EpochMs, lane, offset }
}

/** The longest cursor: that of a log of 256 partitions fits. */
const charsMax = 6_000

/** How far somebody followed, as a cursor; opaque to whoever gets it. */
export const arrivedText = (arrived: Arrived): string =>
  [...arrived].map(([lane, next]) => `${lane}.${next}`).join('-')

/** How far the cursor says; `null` for what is none. */
export const arrivedOf = (text: string): Arrived | null => {
  const isCursor = /^\d{1,5}\.\d{1,13}(?:-\d{1,5}\.\d{1,13})*$/
  if (text.length > charsMax || !isCursor.test(text)) return null
  const lanes = text.split('-').map((lane) => lane.split('.').map(Number))
  return new Map(lanes.map(([lane = 0, next = 0]) => [lane, next]))
}
