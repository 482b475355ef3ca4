import type { Row, Target } from './scenario.ts'
import { type Spread, spreadOf } from './statistics.ts'

const digitsOf = (value: number): number => {
  const size = Math.abs(value)
  return size >= 100 ? 0 : size >= 10 ? 1 : 2
}

/** A figure as it is printed, the same everywhere. */
export const shown = (value: number): string =>
  Number.isNaN(value) ? '–' : value.toFixed(digitsOf(value)).replace(/\B(?=(\d{3})+(?!\d))/, ',')

/** Minimum, median and maximum as they are printed. */
export const shownSpread = ({ min, median, max }: Spread): string[] => [min, median, max].map(shown)

export const wantedOf = (target: Target): string =>
  'atLeast' in target ? `≥ ${shownBound(target.atLeast)}` : `≤ ${shownBound(target.atMost)}`

const shownBound = (value: number): string => value.toLocaleString('en')

export const isMet = (target: Target, { median }: Spread): boolean =>
  'atLeast' in target ? median >= target.atLeast : median <= target.atMost

/** `met` or `missed`, or why nobody can say. Empty for a row that is held against nothing. */
export const verdictOf = ({ target, repeats, notRun }: Row): string => {
  if (notRun !== undefined) return `**not run: ${notRun.replaceAll('|', '/')}**`
  if (!target) return ''
  return isMet(target, spreadOf(repeats)) ? 'met' : '**missed**'
}
