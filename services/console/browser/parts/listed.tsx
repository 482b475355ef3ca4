import type { ComponentChildren } from 'preact'
import type { Pages } from '../model/use-pages.ts'
import { type Column, DataTable } from './data-table.tsx'
import { Loaded } from './states.tsx'

type Props<Row> = Readonly<{
  label: string
  pages: Pages<Row>
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
  /** In the place of no rows. */
  empty: ComponentChildren
}>

/** A list of any length, page by page. */
export const Listed = <Row,>({ label, pages, columns, keyOf, empty }: Props<Row>) => (
  <>
    <Loaded asked={pages.asked} rows={8}>
      {(rows) =>
        rows.length === 0 && !pages.hasMore ? (
          empty
        ) : (
          <DataTable label={label} columns={columns} rows={rows} keyOf={keyOf} />
        )
      }
    </Loaded>
    {pages.hasMore && (
      <button type="button" class="older" onClick={() => void pages.more()}>
        More
      </button>
    )}
  </>
)
