import type { OverviewBody } from '../../../gateway/answers.ts'
import { query } from '../model/address.ts'
import { count, duration } from '../model/format.ts'
import { useAsked } from '../model/use-asked.ts'
import type { Column } from '../parts/data-table.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { GuardGrid, stateOfGuard } from '../parts/guard-grid.tsx'
import { Id } from '../parts/id.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loaded } from '../parts/states.tsx'

type Guard = OverviewBody['guards'][number]

const columns: readonly Column<Guard>[] = [
  {
    heading: 'Guard',
    cell: ({ name, instance }) => (
      <span>
        {name} <code class="quiet">{instance}</code>
      </span>
    ),
  },
  { heading: 'Client', cell: ({ client }) => <Id kind="actor" id={client} /> },
  { heading: 'Feed', cell: ({ feed }) => feed },
  {
    heading: 'State',
    cell: (guard) => {
      const { tone, text } = stateOfGuard(guard)
      return <span class={`state ${tone}`}>{text}</span>
    },
  },
  { heading: 'Reported', cell: ({ silent_ms: ms }) => `${duration(ms)} ago` },
  { heading: 'Revocations', isNumber: true, cell: ({ revocations }) => count(revocations) },
  { heading: 'p50', isNumber: true, cell: ({ refusals }) => duration(refusals?.p50_ms ?? null) },
  { heading: 'p99', isNumber: true, cell: ({ refusals }) => duration(refusals?.p99_ms ?? null) },
  { heading: 'max', isNumber: true, cell: ({ refusals }) => duration(refusals?.max_ms ?? null) },
  { heading: 'Trail', cell: ({ trail }) => trail ?? <span class="quiet">–</span> },
]

/** Every guard that reported within the last minute. */
export const Guards = () => {
  const asked = useAsked<OverviewBody>('/overview', { everyMs: 2_000 })
  const wanted = query.value['instance'] ?? ''
  return (
    <Page title="Guards" lead="Who refuses, how fresh each is, and how fast it refused.">
      <Loaded asked={asked} rows={6}>
        {({ guards }) => {
          const shown = guards.filter(({ instance }) => wanted === '' || instance === wanted)
          if (shown.length === 0) {
            return <Empty command="curfew guards">No such guard is attached.</Empty>
          }
          return (
            <>
              <GuardGrid guards={shown} />
              <div class="below">
                <DataTable
                  label="Guards in figures"
                  columns={columns}
                  rows={shown}
                  keyOf={({ client, instance }) => `${client} ${instance}`}
                />
              </div>
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
