import { canonicalJson, textIn } from '../leaves/index.ts'
import {
  actorIn,
  dataIn,
  type ExportedLeaf,
  hashOf,
  kindOf,
  reasonIn,
  userIn,
} from './exported-leaf.ts'
import { jsonText } from './json-line.ts'

type Cell = string | number | null

/** A column of the formats that are tables. Added at the end, never renamed. */
export type FlatColumn = Readonly<{ name: string; form: 'text' | 'whole' }> &
  Readonly<{ of: (leaf: ExportedLeaf) => Cell }>

const text = (name: string, of: (leaf: ExportedLeaf) => string | null): FlatColumn => ({
  name,
  form: 'text',
  of: (leaf) => of(leaf)?.toWellFormed() ?? null,
})

const whole = (name: string, of: (leaf: ExportedLeaf) => number | null): FlatColumn => ({
  name,
  form: 'whole',
  of,
})

const ofEvent = (name: string, member = name): FlatColumn =>
  text(name, ({ event }) => textIn(event[member]))
const ofData = (name: string, member = name): FlatColumn =>
  text(name, (leaf) => textIn(dataIn(leaf)[member]))

const versionIn = ({ event }: ExportedLeaf): number | null => {
  const found = /^urn:curfew:schema:[^:]+:(\d{1,9})$/.exec(textIn(event['dataschema']) ?? '')
  return found ? Number(found[1]) : null
}

const dataText = ({ event }: ExportedLeaf): string | null => {
  if (!('data' in event)) return null
  return canonicalJson(event['data']) ?? JSON.stringify(event['data'])
}

/** What most questions are about, and all that the event says as JSON beside it. */
export const flatColumns: readonly FlatColumn[] = [
  ofEvent('id'),
  ofEvent('time'),
  text('kind', kindOf),
  whole('version', versionIn),
  text('user', userIn),
  ofData('session', 'sid'),
  ofData('token', 'jti'),
  ofData('client'),
  text('actor_by', (leaf) => actorIn(leaf).by),
  text('actor_id', (leaf) => actorIn(leaf).id),
  ofEvent('request'),
  text('reason', reasonIn),
  ofData('address'),
  ofData('agent'),
  ofEvent('source'),
  text('data', dataText),
  ofEvent('data_base64'),
  text('log', ({ log }) => log),
  text('life', ({ life }) => life),
  whole('partition', ({ partition }) => partition),
  whole('index', ({ index }) => index),
  text('leaf_hash', hashOf),
]

/** One object with every column, in their order. */
export const flatLine = (leaf: ExportedLeaf): string =>
  `${jsonText(Object.fromEntries(flatColumns.map(({ name, of }) => [name, of(leaf)])))}\n`

// What a spreadsheet would compute: OWASP’s list, and the wide forms that some locales take too.
// Where the separator is another one, as `;` in much of Europe, a cell begins behind that too, and
// a row behind each end of a line: quotes in the middle of such a cell quote nothing.
const formula = /(?<=^|[;\t\r\n])(?=['=+\-@\t\r\n＝＋－＠])/g

/**
 * What a spreadsheet would compute gets an apostrophe in front, and so does an apostrophe there:
 * take one away from the beginning of each cell, and behind each `;`, tab and end of a line, and
 * you have what was there.
 */
const harmless = (text: string): string => text.replace(formula, "'")

const quoted = (text: string): string =>
  text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const cell = (value: string | number | null): string =>
  value === null ? '' : typeof value === 'number' ? String(value) : quoted(harmless(value))

const row = (cells: readonly string[]): string => `${cells.join(',')}\r\n`

/** RFC 4180, with a header. A cell that is absent is empty, an empty text is `""`. */
export const csvHeader = row(flatColumns.map(({ name }) => name))
export const csvLine = (leaf: ExportedLeaf): string =>
  row(flatColumns.map(({ of }) => cell(of(leaf))))
