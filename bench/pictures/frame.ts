import type { Machine } from '../section.ts'
import type { Palette } from './palette.ts'

/** All pictures are as wide, with names at the left and bars from here to there. */
export const width = 900
export const left = 250
export const right = 850
export const top = 84
export const rowHeight = 46

type Drawn = Readonly<{
  title: string
  legend: string
  machine: Machine
  palette: Palette
  /** Where the rows end. */
  bottom: number
  lines: readonly string[]
}>

/** Where and when it was measured, in one line. */
const placeOf = (machine: Machine): string =>
  ['date', 'processor', 'load before the run']
    .map((name) => (name.startsWith('load') ? `load ${machine[name]}` : machine[name]))
    .join(', ')

export type Tick = Readonly<{ x: number; text: string }>

/** A line from the top of the rows to their end, and what it stands for. */
export const tickLines = (ticks: readonly Tick[], bottom: number, { line }: Palette): string[] =>
  ticks.map(({ x, text }) =>
    [
      `  <path d="M${x.toFixed(1)} ${top - 8}V${bottom}" stroke="${line}"/>`,
      `  <text x="${x.toFixed(1)}" y="${bottom + 20}" text-anchor="middle"` +
        ` font-size="12">${text}</text>`,
    ].join('\n'),
  )

/** The page of a picture, its title and its legend around what was drawn. */
export const framed = ({ title, legend, machine, palette, bottom, lines }: Drawn): string => {
  const { page, text, quiet } = palette
  const height = bottom + 58
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"` +
      ` font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="14" fill="${text}"` +
      ' role="img" aria-labelledby="title">',
    `  <title id="title">${title}</title>`,
    `  <rect width="${width}" height="${height}" rx="12" fill="${page}"/>`,
    `  <text x="24" y="34" font-size="17" font-weight="600">${title}</text>`,
    `  <text x="24" y="56" font-size="12" fill="${quiet}">${legend}</text>`,
    ...lines,
    `  <text x="24" y="${bottom + 44}" font-size="11" fill="${quiet}">${placeOf(machine)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
