import type { ExportedLeaf } from './exported-leaf.ts'
import { flatColumns } from './flat-row.ts'
import { jsonText } from './json-line.ts'

/** One object with every column, in their order. */
export const flatLine = (leaf: ExportedLeaf): string =>
  `${jsonText(Object.fromEntries(flatColumns.map(({ name, of }) => [name, of(leaf)])))}\n`

// What a spreadsheet would compute: OWASP’s list, and the wide forms that some locales take too.
const formula = /^['=+\-@\t\r\n＝＋－＠]/

/**
 * A text that a spreadsheet would compute gets an apostrophe in front, and so does one that begins
 * with an apostrophe: take one away from each cell that begins with one, and you have what was
 * there.
 */
export const harmless = (text: string): string => (formula.test(text) ? `'${text}` : text)

const quoted = (text: string): string =>
  text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const cell = (value: string | number | null): string =>
  value === null ? '' : typeof value === 'number' ? String(value) : quoted(harmless(value))

const row = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

/** RFC 4180, with a header. A cell that is absent is empty, an empty text is `""`. */
export const csvHeader = row(flatColumns.map(({ name }) => name))
export const csvLine = (leaf: ExportedLeaf): string =>
  row(flatColumns.map(({ of }) => cell(of(leaf))))
