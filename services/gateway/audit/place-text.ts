import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'

/** A place as a cursor; opaque to whoever gets it. */
export const placeText = ({ at, lane, offset }: AuditPlace): string => `${at}.${lane}.${offset}`

/** The place of a cursor; `null` for what is none. */
export const placeOf = (text: string): AuditPlace | null => {
  if (!/^\d{1,13}\.\d{1,5}\.\d{1,13}$/.test(text)) return null
  const [at = 0, lane = 0, offset = 0] = text.split('.').map(Number)
  return { at: at as EpochMs, lane, offset }
}
