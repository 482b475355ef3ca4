import type { EpochMs } from './ids.ts'

const pattern = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

const daysIn = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate()

/**
 * An instant of ISO 8601 with its zone, or the beginning of a day of UTC; `null` for anything else.
 * `Date.parse` alone takes a 5 for May of 2001, and the 30th of February for a day of March.
 */
export const isoInstant = (text: string): EpochMs | null => {
  const [, year, month, day] = pattern.exec(text) ?? []
  if (year === undefined || Number(day) > daysIn(Number(year), Number(month))) return null
  const at = Date.parse(text)
  return at >= 0 ? (at as EpochMs) : null
}

/** What a refusal says of a text that is none. */
export const isoInstantExample = 'a date (of UTC) or an instant, such as 2026-11-30T09:00:00Z'
