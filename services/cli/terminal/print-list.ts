import { printable } from './printable.ts'

/** A column of a list: its heading on a terminal, its member in JSON. */
export type Column<Row> = Readonly<{
  heading: string
  member: string
  value: (row: Row) => unknown
  /** As a person reads it, where that is another form. */
  text?: (row: Row) => string
}>
export type Shown = Readonly<{ json?: boolean }>

/** The `--json` option of every command that prints a list. */
export const jsonOption = [
  '--json',
  'one JSON array, an object a line, with stable members',
] as const

// What somebody else chose, such as an agent, must not move a cursor or begin a column.
const plain = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')

const shown = (value: unknown): string =>
  value === null || value === undefined || value === ''
    ? '-'
    : Array.isArray(value)
      ? value.join(',') || '-'
      : String(value)

const objectOf = <Row>(columns: readonly Column<Row>[], row: Row): string =>
  JSON.stringify(
    Object.fromEntries(columns.map(({ member, value }) => [member, value(row) ?? null])),
  )

const write = (text: string): void => {
  process.stdout.write(text)
}

/**
 * Prints a list as it comes, so that its length is no matter: headings and tabs between columns, or
 * with `json` one array, an object a line. Without a row there are the headings, or `[]`.
 */
export const printList = async <Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
  { json }: Shown,
): Promise<void> => {
  // Not before the first row is there: what cannot be read has no headings either.
  const headings = `${columns.map(({ heading }) => heading).join('\t')}\n`
  let isFirst = true
  for await (const row of rows) {
    const begin = json ? (isFirst ? '[' : ',') : isFirst ? headings : ''
    const cells = columns.map(({ value, text }) => plain(text ? text(row) : shown(value(row))))
    write(json ? `${begin}\n${printable(objectOf(columns, row))}` : `${begin}${cells.join('\t')}\n`)
    isFirst = false
  }
  if (json) write(isFirst ? '[]\n' : '\n]\n')
  else if (isFirst) write(headings)
}

/** One thing instead of a list: a line a member, or one JSON object. */
export const printOne = <Row>(columns: readonly Column<Row>[], row: Row, { json }: Shown): void => {
  if (json) write(`${printable(objectOf(columns, row))}\n`)
  else
    for (const { heading, value, text } of columns) {
      write(`${heading}\t${plain(text ? text(row) : shown(value(row)))}\n`)
    }
}

export const instantText = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(at).toISOString()
