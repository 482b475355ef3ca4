import type { Row } from './scenario.ts'
import type { Report } from './section.ts'
import { type Spread, spreadOf } from './statistics.ts'

type Bar = Readonly<{ name: string; half: Spread; worst: Spread }>

const doors = [
  { prefix: 'Curfew’s guard on SSE', fill: '#16a34a' },
  { prefix: 'status list', fill: '#64748b' },
  { prefix: 'introspection', fill: '#64748b' },
  { prefix: 'Simple-JWT', fill: '#64748b' },
] as const

const legend =
  'Dot: half of the logouts. Bar: to the worst. Log scale. Measured side by side in one run.'
const left = 250
const right = 850
const top = 84
const rowHeight = 46
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

const barOf = (rows: readonly Row[], prefix: string): Bar | null => {
  const own = rows.filter(
    ({ measure }) => measure.startsWith(prefix) && measure.includes(': answered → refused'),
  )
  const ending = (end: string) => own.find(({ measure }) => measure.endsWith(end))
  const [half, worst] = [ending(', p50'), ending(', max')]
  if (!half || !worst) return null
  const name = half.measure.replace(': answered → refused, p50', '')
  return { name, half: spreadOf(half.repeats), worst: spreadOf(worst.repeats) }
}

const rowText = ({ name, half, worst }: Bar, fill: string, index: number): string => {
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
    `  <text ${at} y="${y + 17}" fill="#475569" font-size="12">` +
      `half ${said(half.median)}, worst ${said(worst.max)}</text>`,
  ].join('\n')
}

/**
 * How long a token goes on working after its logout, as a drawing on a log scale; `null` when the
 * scenario did not run.
 */
export const refusalPicture = ({ machine, sections }: Report): string | null => {
  const section = sections.find(({ scenario }) => scenario.name === 'refusal-alternatives')
  if (!section || !('finding' in section)) return null
  const { rows } = section.finding
  const bars = doors.flatMap(({ prefix, fill }) => {
    const bar = barOf(rows, prefix)
    return bar ? [{ bar, fill }] : []
  })
  const bottom = top + bars.length * rowHeight
  const title = 'From the logout’s answer to the refusal of its access token'
  const where = ['date', 'processor', 'load before the run']
    .map((name) => (name.startsWith('load') ? `load ${machine[name]}` : machine[name]))
    .join(', ')
  const lines = ticks.map(([ms, text]) => {
    const x = xOf(ms).toFixed(1)
    return [
      `  <path d="M${x} ${top - 8}V${bottom}" stroke="#cbd5e1"/>`,
      `  <text x="${x}" y="${bottom + 20}" text-anchor="middle" font-size="12">${text}</text>`,
    ].join('\n')
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 ${bottom + 58}"` +
      ` font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="14" fill="#0f172a"` +
      ' role="img" aria-labelledby="title">',
    `  <title id="title">${title}</title>`,
    `  <rect width="900" height="${bottom + 58}" rx="12" fill="#f8fafc"/>`,
    `  <text x="24" y="34" font-size="17" font-weight="600">${title}</text>`,
    `  <text x="24" y="56" font-size="12" fill="#475569">${legend}</text>`,
    ...lines,
    ...bars.map(({ bar, fill }, index) => rowText(bar, fill, index)),
    `  <text x="24" y="${bottom + 44}" font-size="11" fill="#64748b">${where}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
