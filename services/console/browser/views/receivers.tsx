import type { ReceiverBody } from '../../../gateway/answers.ts'
import { count } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Id } from '../parts/id.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

type Body = Readonly<{ receivers: readonly ReceiverBody[] }>

const tones = { enabled: 'good', paused: 'warn', disabled: 'warn' } as const

const columns: readonly Column<ReceiverBody>[] = [
  { heading: 'Receiver', cell: ({ id }) => <code>{id}</code> },
  { heading: 'Kind', cell: ({ kind }) => kind },
  { heading: 'Client', cell: ({ client }) => <Id kind="actor" id={client} /> },
  { heading: 'Where', cell: ({ url }) => url ?? <span class="quiet">it polls</span> },
  {
    heading: 'State',
    cell: ({ state, reason }) => (
      <span class={`state ${tones[state]}`}>
        {state}
        {reason !== null && `, ${reason}`}
      </span>
    ),
  },
  {
    heading: 'Behind',
    isNumber: true,
    cell: ({ behind }) => (behind === null ? '–' : count(behind)),
  },
  { heading: 'Waiting', isNumber: true, cell: ({ waiting }) => count(waiting) },
  { heading: 'Refused', isNumber: true, cell: ({ refused }) => count(refused) },
  {
    heading: 'Last success',
    cell: ({ delivered_at: at }) =>
      at === null ? <span class="quiet">not known</span> : <When at={at} />,
  },
  { heading: 'Verified', cell: ({ verified_at: at }) => <When at={at} /> },
]

/** Who is told of ends: SSF streams and back-channel logout. */
export const Receivers = () => {
  const asked = useAsked<Body>('/receivers', { everyMs: 5_000 })
  return (
    <Page title="Receivers" lead="Who is told when something ends, and how far each is.">
      <Loaded asked={asked}>
        {({ receivers }) =>
          receivers.length === 0 ? (
            <Empty>No receiver is registered: docs/receivers.md.</Empty>
          ) : (
            <DataTable
              label="Receivers"
              columns={columns}
              rows={receivers}
              keyOf={({ id }) => id}
            />
          )
        }
      </Loaded>
    </Page>
  )
}
