import type { ComponentChildren } from 'preact'

export type Column<Row> = Readonly<{
  heading: string
  cell: (row: Row) => ComponentChildren
  /** Numbers stand below each other. */
  isNumber?: boolean
}>

type Props<Row> = Readonly<{
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
}>

/** Rows with a heading for each column; on a narrow screen it is scrolled, also by keys. */
export const DataTable = <Row,>({ label, columns, rows, keyOf }: Props<Row>) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too
  <section class="table" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          {columns.map(({ heading }) => (
            <th key={heading} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)} data-row={keyOf(row)}>
            {columns.map(({ heading, cell, isNumber = false }) => (
              <td key={heading} class={isNumber ? 'number' : ''}>
                {cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
