import { shown } from './figures.ts'
import type { Measured, MeasuredRow } from './results.ts'
import type { Target } from './scenario.ts'
import { spreadOf } from './statistics.ts'

/** By how much a ratio may be worse than the committed one. */
export const toleratedShare = 0.1
/** A tenth of a figure is not exact in binary. */
const rounding = 1e-9

export type Judged = Readonly<{
  scenario: string
  measure: string
  committed: number
  now: number
  /** As a share of the committed ratio, or of its bound; less than 0 is better. */
  worseBy: number
  verdict: 'held' | 'unclear' | 'regressed'
}>

/**
 * Of what the tenth part is taken. A ratio that is far below what it may be (a guard refused before
 * the answer, or hardly after it: then it is even less than 0) is noise on its own scale, so there
 * the bound is.
 */
const scaleOf = (target: Target, was: number): number => {
  if ('atLeast' in target) return was > 0 ? was : target.atLeast
  return was >= target.atMost / 2 ? was : target.atMost
}

/** Greater is worse, whatever the direction of the target. */
const badness = (target: Target, value: number): number => ('atLeast' in target ? -value : value)

/**
 * A ratio regressed if its median is worse than the committed one by more than is tolerated, and
 * not one of its repeats reached the committed median: otherwise the spread is wider than the
 * difference, and nobody can say.
 */
const judge = (
  scenario: string,
  committed: MeasuredRow,
  row: MeasuredRow,
  target: Target,
): Judged => {
  const [was, is] = [spreadOf(committed.repeats).median, spreadOf(row.repeats).median]
  const worseBy = (badness(target, is) - badness(target, was)) / scaleOf(target, was)
  const isReached = row.repeats.some((value) => badness(target, value) <= badness(target, was))
  const isWorse = !(worseBy <= toleratedShare + rounding)
  const verdict = isWorse ? (isReached ? 'unclear' : 'regressed') : 'held'
  return { scenario, measure: committed.measure, committed: was, now: is, worseBy, verdict }
}

/** Ratios with a target: what a ratio should be says in which direction it is worse. */
const isChecked = ({ unit, target, repeats }: MeasuredRow): boolean =>
  unit === '×' && target !== undefined && repeats.length > 0

export type Check = Readonly<{
  judged: readonly Judged[]
  /** Ratios without a committed figure, or that were not measured now. */
  unmatched: readonly string[]
}>

/** Holds the ratios that were measured now against the committed ones. */
export const checkRatios = (committed: readonly Measured[], now: readonly Measured[]): Check => {
  const judged: Judged[] = []
  const unmatched: string[] = []
  for (const { name, rows } of now) {
    const former = (committed.find((one) => one.name === name)?.rows ?? []).filter(isChecked)
    const present = rows.filter(isChecked)
    for (const row of present) {
      const known = former.find(({ measure }) => measure === row.measure)
      if (known && row.target) judged.push(judge(name, known, row, row.target))
      else unmatched.push(`${name}: ${row.measure}: no committed figure`)
    }
    const isMeasured = ({ measure }: MeasuredRow): boolean =>
      present.some((row) => row.measure === measure)
    const lost = former.filter((row) => !isMeasured(row))
    unmatched.push(...lost.map(({ measure }) => `${name}: ${measure}: not measured now`))
  }
  return { judged, unmatched }
}

/** Repeats of two runs together; a row that only one run has stays. */
export const pooled = (first: Measured, second: Measured): Measured => ({
  name: first.name,
  rows: first.rows.map((row) => {
    const again = second.rows.find(({ measure }) => measure === row.measure)
    return again ? { ...row, repeats: [...row.repeats, ...again.repeats] } : row
  }),
})

const percent = (share: number): string =>
  share > 0 ? `${shown(share * 100)} % worse` : `${shown(-share * 100)} % better`

const lineOf = ({ scenario, measure, committed, now, worseBy, verdict }: Judged): string => {
  const said = verdict === 'regressed' ? '**regressed**' : verdict
  const cells = [scenario, measure, shown(committed), shown(now), percent(worseBy), said]
  return `| ${cells.join(' | ')} |`
}

export const checkTable = ({ judged, unmatched }: Check): string =>
  [
    '| scenario | ratio | committed | now | | |',
    '|---|---|--:|--:|--:|---|',
    ...judged.map(lineOf),
    ...(unmatched.length > 0 ? ['', ...unmatched.map((text) => `- ${text}`)] : []),
  ].join('\n')
