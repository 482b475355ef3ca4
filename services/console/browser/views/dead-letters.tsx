import type { DeadLetterBody, DeadLettersBody } from '../../../gateway/answers.ts'
import { hrefOf, query } from '../model/address.ts'
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
  { heading: 'State', cell: ({ settled }) => settled ?? <span class="state warn">open</span> },
  { heading: 'Type', cell: ({ type }) => type ?? none },
  { heading: 'Written', cell: ({ time }) => whenOf(time) },
  {
    heading: 'Bytes',
    isNumber: true,
    cell: ({ bytes }) => (bytes === null ? '–' : count(bytes)),
  },
]

const open = { limit: '100', state: 'open' }
const all = { limit: '100' }
const rowsOf = ({ letters }: DeadLettersBody): readonly DeadLetterBody[] => letters

/** Records that nobody could use, and that were put aside. */
export const DeadLetters = () => {
  const hasAll = query.value['all'] === '1'
  const asked = hasAll ? all : open
  const pages = usePages<DeadLettersBody, DeadLetterBody>('/dead-letters', asked, rowsOf)
  return (
    <Page
      title="Dead letters"
      lead="Records of the log that nobody could use, and that were put aside; newest first."
      actions={
        <>
          <a class="button" href={hrefOf('/dead-letters', hasAll ? {} : { all: '1' })}>
            {hasAll ? 'Open ones' : 'All of them'}
          </a>
          <a class="button" href={hrefOf('/events', { kind: 'DeadLetterSettled' })}>
            Who dealt with some
          </a>
        </>
      }
    >
      <p class="doc below-lead">
        Mend what is wrong, such as a projector of an older version or without a key, then open one
        and retry it, or drop it where nobody needs it. A log takes nothing back: what was dropped
        stays in it.
      </p>
      <Listed
        label="Dead letters"
        pages={pages}
        columns={columns}
        keyOf={({ offset }) => String(offset)}
        empty={
          <Empty command="curfew dead-letters">
            {hasAll ? 'There is none.' : 'There is none to deal with.'} That is how it should be.
          </Empty>
        }
      />
    </Page>
  )
}
