import type { MeasuredRow, Results } from '../results.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { framed, left, right, rowHeight, tickLines, top } from './frame.ts'
import type { Palette } from './palette.ts'

type Bar = Readonly<{ name: string; half: Spread; worst: Spread }>

const doors = [
  { prefix: 'Curfew’s guard on SSE', colour: 'own' },
  { prefix: 'status list', colour: 'other' },
  { prefix: 'introspection', colour: 'other' },
  { prefix: 'Simple-JWT', colour: 'other' },
] as const

const legend =
  'Dot: half of the logouts. Bar: to the worst. Log scale. Measured side by side in one run.'
const title = 'From the logout’s answer to the refusal of its access token'
const leastMs = 0.1
const mostMs = 1_000_000
const ticks = [
  [0.1, '0.1 ms'],
  [1, '1 ms'],
  [10, '10 ms'],
  [100, '0.1 s'],
  [1_000, '1 s'],
  [10_000, '10 s'],
  [100_000, '100 s'],
  [1_000_000, '1000 s'],
] as const

/** What is less than the least, or negative (before the answer), stands at the left edge. */
const xOf = (ms: number): number => {
  const share = Math.log10(Math.min(Math.max(ms, leastMs), mostMs) / leastMs)
  return left + ((right - left) * share) / Math.log10(mostMs / leastMs)
}

const said = (ms: number): string => {
  if (ms <= 0) return 'before the answer'
  return ms < 1_000 ? `${ms.toPrecision(2)} ms` : `${Number((ms / 1_000).toPrecision(2))} s`
}

const barOf = (rows: readonly MeasuredRow[], prefix: string): Bar | null => {
  const own = rows.filter(
    ({ measure }) => measure.startsWith(prefix) && measure.includes(': answered → refused'),
  )
  const ending = (end: string) => own.find(({ measure }) => measure.endsWith(end))
  const [half, worst] = [ending(', p50'), ending(', max')]
  if (!half || !worst) return null
  const name = half.measure.replace(': answered → refused, p50', '')
  return { name, half: spreadOf(half.repeats), worst: spreadOf(worst.repeats) }
}

const rowText = (
  { name, half, worst }: Bar,
  fill: string,
  { quiet }: Palette,
  index: number,
): string => {
  const y = top + index * rowHeight
  const [from, to] = [xOf(half.median), xOf(worst.max)]
  const length = Math.max(to - from, 2).toFixed(1)
  // Near the right edge the words go to the left of the bar.
  const isFar = to > right - 210
  const at = isFar
    ? `x="${(from - 12).toFixed(1)}" text-anchor="end"`
    : `x="${(to + 8).toFixed(1)}"`
  return [
    `  <text x="${left - 12}" y="${y + 17}" text-anchor="end">${name}</text>`,
    `  <rect x="${from.toFixed(1)}" y="${y + 6}" width="${length}" height="12"` +
      ` fill="${fill}" opacity="0.45"/>`,
    `  <circle cx="${from.toFixed(1)}" cy="${y + 12}" r="7" fill="${fill}"/>`,
    `  <text ${at} y="${y + 17}" fill="${quiet}" font-size="12">` +
      `half ${said(half.median)}, worst ${said(worst.max)}</text>`,
  ].join('\n')
}

/**
 * How long a token goes on working after its logout, as a drawing on a log scale; `null` when the
 * scenario did not run.
 */
export const refusalPicture = (
  { machine, scenarios }: Results,
  palette: Palette,
): string | null => {
  const rows = scenarios.find(({ name }) => name === 'refusal-alternatives')?.rows ?? []
  const bars = doors.flatMap(({ prefix, colour }) => {
    const bar = barOf(rows, prefix)
    return bar ? [{ bar, fill: palette[colour] }] : []
  })
  if (bars.length === 0) return null
  const bottom = top + bars.length * rowHeight
  const marks = ticks.map(([ms, text]) => ({ x: xOf(ms), text }))
  const lines = [
    ...tickLines(marks, bottom, palette),
    ...bars.map(({ bar, fill }, index) => rowText(bar, fill, palette, index)),
  ]
  return framed({ title, legend, machine, palette, bottom, lines })
}
