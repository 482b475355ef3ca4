import { shown } from '../figures.ts'
import type { Results } from '../results.ts'
import { type Spread, spreadOf } from '../statistics.ts'
import { framed, left, right, rowHeight, tickLines, top } from './frame.ts'
import type { Palette } from './palette.ts'

/** By their rows in `refresh-embedded`. */
const servers = [
  { measure: 'Curfew: refreshes', name: 'Curfew, durable', colour: 'own' },
  {
    measure: 'oidc-provider in memory',
    name: 'oidc-provider, in memory',
    colour: 'other',
  },
  { measure: 'Simple-JWT on SQLite', name: 'Simple-JWT on SQLite', colour: 'other' },
  { measure: 'Simple-JWT on PostgreSQL', name: 'Simple-JWT on PostgreSQL', colour: 'other' },
] as const
const limitMeasure = 'bare Koa, two signatures, no store'

const title = 'Refresh tokens rotated a second, at 32 connections'
const legend =
  'Bar: the median round. Line in it: slowest to fastest. Measured side by side in one run.'
const ticksMax = 8

type Bar = Readonly<{ name: string; colour: 'own' | 'other'; spread: Spread }>

/** 1, 2 or 5 times a power of ten, so that few lines reach the greatest value. */
const stepFor = (most: number): number => {
  const power = 10 ** Math.floor(Math.log10(most / ticksMax))
  const factor = [1, 2, 5].find((one) => (one * power * ticksMax) / most >= 1) ?? 10
  return factor * power
}

const rowText = (
  { name, colour, spread }: Bar,
  palette: Palette,
  xOf: (perSecond: number) => number,
  index: number,
): string => {
  const y = top + index * rowHeight
  const fill = palette[colour]
  const [least, half, most] = [spread.min, spread.median, spread.max].map((value) =>
    xOf(value).toFixed(1),
  )
  const end = Math.max(xOf(spread.max), xOf(spread.median)) + 8
  return [
    `  <text x="${left - 12}" y="${y + 17}" text-anchor="end">${name}</text>`,
    `  <rect x="${left}" y="${y + 2}" width="${(Number(half) - left).toFixed(1)}" height="20"` +
      ` fill="${fill}"/>`,
    `  <path d="M${least} ${y + 12}H${most}" stroke="${palette.text}" stroke-width="2"/>`,
    `  <text x="${end.toFixed(1)}" y="${y + 17}" font-weight="600">${shown(spread.median)}</text>`,
  ].join('\n')
}

/** What the same server reaches that signs and does nothing else: nobody can be faster by much. */
const limitText = (
  spread: Spread,
  { quiet }: Palette,
  xOf: (perSecond: number) => number,
  bottom: number,
): string => {
  const x = xOf(spread.median).toFixed(1)
  return [
    `  <path d="M${x} ${top - 8}V${bottom}" stroke="${quiet}" stroke-width="2"` +
      ' stroke-dasharray="6 4"/>',
    `  <text x="${(Number(x) - 8).toFixed(1)}" y="${bottom - 12}" text-anchor="end"` +
      ` fill="${quiet}" font-size="12">` +
      `the limit: bare Koa, the same two signatures, ${shown(spread.median)}</text>`,
  ].join('\n')
}

/**
 * How many rotations a second, beside peers and beside the limit; `null` when the scenario did not
 * run. A peer that did not run has no bar.
 */
export const rotationPicture = (
  { machine, scenarios }: Results,
  palette: Palette,
): string | null => {
  const rows = scenarios.find(({ name }) => name === 'refresh-embedded')?.rows ?? []
  const spreadIn = (measure: string): Spread | null => {
    const repeats = rows.find((row) => row.measure === measure)?.repeats ?? []
    return repeats.length > 0 ? spreadOf(repeats) : null
  }
  const bars = servers.flatMap(({ measure, name, colour }): Bar[] => {
    const spread = spreadIn(measure)
    return spread ? [{ name, colour, spread }] : []
  })
  const limit = spreadIn(limitMeasure)
  if (!limit || bars.length === 0) return null
  const step = stepFor(Math.max(limit.median, ...bars.map(({ spread }) => spread.max)))
  const most = step * Math.ceil(Math.max(limit.median, ...bars.map((b) => b.spread.max)) / step)
  const xOf = (perSecond: number): number => left + ((right - left) * perSecond) / most
  const bottom = top + bars.length * rowHeight + 26
  const marks = Array.from({ length: Math.round(most / step) + 1 }, (_, index) => ({
    x: xOf(index * step),
    text: (index * step).toLocaleString('en'),
  }))
  const lines = [
    ...tickLines(marks, bottom, palette),
    ...bars.map((bar, index) => rowText(bar, palette, xOf, index)),
    limitText(limit, palette, xOf, bottom),
  ]
  return framed({ title, legend, machine, palette, bottom, lines })
}
