import { shown, shownSpread } from './figures.ts'
import type { Measured, MeasuredRow } from './results.ts'
import { ratios, spreadOf } from './statistics.ts'

/** What one pair of runs of a scenario measured, one after another. */
export type Pair = Readonly<{ here: Measured; there: Measured }>

const valueIn = ({ rows }: Measured, measure: string): number =>
  spreadOf(rows.find((row) => row.measure === measure)?.repeats ?? []).median

const lineOf = ({ measure, unit }: MeasuredRow, pairs: readonly Pair[]): string => {
  const here = pairs.map((pair) => valueIn(pair.here, measure))
  const there = pairs.map((pair) => valueIn(pair.there, measure))
  const shares = ratios(here, there)
  const above = shares.filter((share) => share > 1).length
  const medians = [there, here].map((values) => shown(spreadOf(values).median))
  const cells = [measure, unit, ...medians, ...shownSpread(spreadOf(shares))]
  return `| ${cells.join(' | ')} | ${above} of ${shares.length} |`
}

/**
 * A line for each figure that both checkouts have: what it is there and here, and the ratio of
 * both, pair by pair.
 */
export const pairsTable = (name: string, there: string, pairs: readonly Pair[]): string => {
  const [first] = pairs
  const shared = (first?.here.rows ?? []).filter(({ measure, repeats }) => {
    const both = first?.there.rows.some((row) => row.measure === measure)
    return both && repeats.length > 0
  })
  return [
    `## ${name}: here / ${there}, ${pairs.length} pairs`,
    '',
    `| measure | unit | ${there} | here | min | ratio | max | pairs above 1 |`,
    '|---|---|--:|--:|--:|--:|--:|--:|',
    ...shared.map((row) => lineOf(row, pairs)),
  ].join('\n')
}
