import type { KnownClientBody } from '../../../gateway/answers.ts'
import { hrefOf, hrefWith } from '../model/address.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { type Column, DataTable } from '../parts/data-table.tsx'
import { Copy } from '../parts/id.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

type Body = Readonly<{ clients: readonly KnownClientBody[] }>

const columns: readonly Column<KnownClientBody>[] = [
  {
    heading: 'Client',
    cell: ({ id }) => (
      <span class="id">
        <a data-open href={hrefOf('/events', { client: id })}>
          {id}
        </a>
        <Copy text={id} what="the id" />
      </span>
    ),
  },
  { heading: 'For', cell: ({ logins }) => (logins ? 'people who log in' : 'a service') },
  {
    heading: 'May',
    cell: ({ permissions }) => permissions.join(', ') || <span class="quiet">–</span>,
  },
  {
    heading: 'Sessions',
    cell: ({ id }) => <a href={hrefOf('/sessions', { client: id, state: 'alive' })}>alive</a>,
  },
]

const ending: Column<KnownClientBody> = {
  heading: 'End',
  cell: ({ id }) => (
    <a
      class="button danger small"
      href={hrefWith({ end: `client:${id}` })}
      aria-label={`End all sessions of ${id}`}
    >
      End all
    </a>
  ),
}

/** Through whom people log in, and the services that ask. */
export const Clients = () => {
  const asked = useAsked<Body>('/clients')
  return (
    <Page title="Clients" lead="Through whom people log in, and the services that ask.">
      <Loaded asked={asked}>
        {({ clients }) =>
          clients.length === 0 ? (
            <Empty command="curfew --help">CURFEW_SERVICE_CLIENTS names nobody.</Empty>
          ) : (
            <DataTable
              label="Clients"
              columns={mayAct ? [...columns, ending] : columns}
              rows={clients}
              keyOf={({ id }) => id}
            />
          )
        }
      </Loaded>
    </Page>
  )
}
