import type { FoundSessionBody } from '../../../gateway/answers.ts'
import { go, hrefOf, hrefWith, query } from '../model/address.ts'
import { wordsOfFilter } from '../model/filter.ts'
import { agentName } from '../model/format.ts'
import { mayAct } from '../model/may-act.ts'
import { learnNames } from '../model/names.ts'
import type { Query } from '../model/query.ts'
import { sessionNames, sessionWords } from '../model/session-words.ts'
import { usePages } from '../model/use-pages.ts'
import { Chips } from '../parts/chips.tsx'
import type { Column } from '../parts/data-table.tsx'
import { Id } from '../parts/id.tsx'
import { Listed } from '../parts/listed.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

type Body = Readonly<{ sessions: readonly FoundSessionBody[]; next: string | null }>

const tones = { alive: 'good', ended: 'warn', expired: 'quiet' } as const

const columns: readonly Column<FoundSessionBody>[] = [
  {
    heading: 'Session',
    cell: ({ sid }) => (
      <a data-open href={hrefOf(`/sessions/${sid}`)}>
        <code>{sid.slice(0, 10)}…</code>
      </a>
    ),
  },
  { heading: 'User', cell: ({ user }) => <Id kind="user" id={user} /> },
  {
    heading: 'State',
    cell: ({ status, ended }) => (
      <span class={`state ${tones[status]}`}>
        {status}
        {ended?.reason && <span class="quiet">, {ended.reason.replaceAll('_', ' ')}</span>}
      </span>
    ),
  },
  { heading: 'Client', cell: ({ client_id: client }) => <Id kind="client" id={client} /> },
  { heading: 'Address', cell: ({ started }) => <Id kind="address" id={started.address} /> },
  {
    heading: 'Browser',
    cell: ({ started: { agent } }) =>
      agent === null ? <span class="quiet">–</span> : <span title={agent}>{agentName(agent)}</span>,
  },
  { heading: 'Began', cell: ({ started }) => <When at={started.at} /> },
  { heading: 'Last used', cell: ({ last_used_at: at }) => <When at={at} /> },
]

const ending: Column<FoundSessionBody> = {
  heading: 'End',
  cell: ({ sid, status }) =>
    status === 'alive' && (
      <a
        class="button danger small"
        href={hrefWith({ end: `session:${sid}` })}
        aria-label={`End the session ${sid}`}
      >
        End
      </a>
    ),
}

const rowsOf = ({ sessions }: Body): readonly FoundSessionBody[] => {
  learnNames(
    sessions.flatMap(({ user, username }) => (username === null ? [] : [{ sub: user, username }])),
  )
  return sessions
}

const searched = (): Query =>
  Object.fromEntries(
    sessionNames.flatMap((name) => {
      const value = query.value[name] ?? ''
      return value === '' ? [] : [[name, value] as const]
    }),
  )

const EndLinks = ({ filter }: Readonly<{ filter: Query }>) => (
  <>
    {filter['user'] && (
      <a class="button danger" href={hrefWith({ end: `subject:${filter['user']}` })}>
        End all of {filter['user']}
      </a>
    )}
    {filter['client'] && (
      <a class="button danger" href={hrefWith({ end: `client:${filter['client']}` })}>
        End all of {filter['client']}
      </a>
    )}
    <a class="button danger" href={hrefWith({ end: 'all' })}>
      End everyone’s
    </a>
  </>
)

/** Where people are, or were, logged in. */
export const Sessions = () => {
  const filter = searched()
  const pages = usePages<Body, FoundSessionBody>(
    '/sessions/search',
    { ...filter, limit: '100' },
    rowsOf,
  )
  const search = (text: string): string | null => {
    const { filter: read, problem } = sessionWords(text)
    if (problem === null) go(hrefOf('/sessions', read))
    return problem
  }
  return (
    <Page
      title="Sessions"
      lead="Where people are, or were, logged in; newest first."
      actions={mayAct && <EndLinks filter={filter} />}
    >
      <SearchField
        label="Search sessions"
        placeholder="user:alice state:alive address:203.0.113.7 agent:firefox"
        words={wordsOfFilter(filter)}
        onSearch={search}
      />
      <Chips to="/sessions" filter={filter} />
      <Listed
        label="Sessions"
        pages={pages}
        columns={mayAct ? [...columns, ending] : columns}
        keyOf={({ sid }) => sid}
        empty={<Empty command="curfew sessions find">There is no such session.</Empty>}
      />
    </Page>
  )
}
