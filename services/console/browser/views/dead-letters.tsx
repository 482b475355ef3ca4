import type { DeadLetterBody, DeadLettersBody } from '../../../gateway/answers.ts'
import { hrefOf } from '../model/address.ts'
import { count } from '../model/format.ts'
import { usePages } from '../model/use-pages.ts'
import type { Column } from '../parts/data-table.tsx'
import { Listed } from '../parts/listed.tsx'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

const none = <span class="quiet">–</span>

/** A time that somebody else wrote may be none. */
const whenOf = (time: string | null) => {
  const ms = Date.parse(time ?? '')
  return Number.isNaN(ms) ? (time ?? none) : <When at={ms} />
}

const columns: readonly Column<DeadLetterBody>[] = [
  {
    heading: 'Lay at',
    cell: ({ offset, lay_at: at }) => (
      <a data-open href={hrefOf(`/dead-letters/${offset}`)}>
        <code>{at === '' ? `unknown, ${offset}` : at}</code>
      </a>
    ),
  },
  { heading: 'Why', cell: ({ problem }) => <p class="doc">{problem ?? none}</p> },
  { heading: 'Type', cell: ({ type }) => type ?? none },
  { heading: 'Written', cell: ({ time }) => whenOf(time) },
  {
    heading: 'Bytes',
    isNumber: true,
    cell: ({ bytes }) => (bytes === null ? '–' : count(bytes)),
  },
]

const query = { limit: '100' }
const rowsOf = ({ letters }: DeadLettersBody): readonly DeadLetterBody[] => letters

/** Records that nobody could use, and that were put aside. */
export const DeadLetters = () => {
  const pages = usePages<DeadLettersBody, DeadLetterBody>('/dead-letters', query, rowsOf)
  return (
    <Page
      title="Dead letters"
      lead="Records of the log that nobody could use, and that were put aside; newest first."
    >
      <p class="doc below-lead">
        None can be dropped or tried again from here: a log takes nothing back, and nobody knows
        whether a parked record is genuine. Mend what is wrong, and build the view anew:
        docs/operations.md.
      </p>
      <Listed
        label="Dead letters"
        pages={pages}
        columns={columns}
        keyOf={({ offset }) => String(offset)}
        empty={
          <Empty command="curfew dead-letters">There is none. That is how it should be.</Empty>
        }
      />
    </Page>
  )
}
