import { useEffect, useState } from 'preact/hooks'
import type { AnswerRows } from '../../../gateway/answers.ts'
import { go, hrefOf, hrefWith, query } from '../model/address.ts'
import { agentName } from '../model/format.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { Id } from '../parts/id.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

type Row = AnswerRows['held']
type Answer = Readonly<{ rows: readonly Row[]; next: string | null }>

const Search = () => {
  const asked = query.value['user'] ?? ''
  const [text, setText] = useState(asked)
  useEffect(() => setText(asked), [asked])
  const send = (event: Event): void => {
    event.preventDefault()
    go(hrefOf('/sessions', { user: text.trim() }))
  }
  return (
    <search>
      <form class="search" onSubmit={send}>
        <label class="hidden-visually" for="sessions-search">
          Search sessions by user
        </label>
        <input
          id="sessions-search"
          type="search"
          data-search
          spellcheck={false}
          autocomplete="off"
          placeholder="A user, by name or id"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <button type="submit">Search</button>
      </form>
    </search>
  )
}

const SessionRow = ({ row }: Readonly<{ row: Row }>) => {
  const { session, user, client, address, agent, began, last_used: used } = row
  return (
    <tr data-row={session}>
      <td>
        <a data-open href={hrefOf(`/sessions/${session}`)}>
          <code>{session.slice(0, 10)}…</code>
        </a>
      </td>
      <td>
        <Id kind="user" id={user} />
      </td>
      <td>
        <Id kind="client" id={client} />
      </td>
      <td>
        <Id kind="address" id={address} />
      </td>
      <td>{agent && <span title={agent}>{agentName(agent)}</span>}</td>
      <td>
        <When at={began} />
      </td>
      <td>
        <When at={used} />
      </td>
      {mayAct && (
        <td>
          <a class="button danger small" href={hrefWith({ end: `session:${session}` })}>
            End
          </a>
        </td>
      )}
    </tr>
  )
}

const Table = ({ rows }: Readonly<{ rows: readonly Row[] }>) => (
  <div class="table">
    <table>
      <thead>
        <tr>
          {['Session', 'User', 'Client', 'Address', 'Browser', 'Began', 'Last used'].map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
          {mayAct && <th scope="col">End</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <SessionRow key={row.session} row={row} />
        ))}
      </tbody>
    </table>
  </div>
)

/** Who is logged in, and where. */
export const Sessions = () => {
  const user = query.value['user'] ?? ''
  const asked = useAsked<Answer>('/audit/questions/held', {
    query: { ...(user && { user }), limit: '100' },
  })
  return (
    <Page
      title="Sessions"
      lead="Who is logged in now, and where."
      actions={
        mayAct && (
          <>
            {user !== '' && (
              <a class="button danger" href={hrefWith({ end: `subject:${user}` })}>
                End all of {user}
              </a>
            )}
            <a class="button danger" href={hrefWith({ end: 'all' })}>
              End everyone’s
            </a>
          </>
        )
      }
    >
      <Search />
      <Loaded asked={asked} rows={8}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty command="curfew sessions list">Nobody is logged in.</Empty>
          ) : (
            <Table rows={rows} />
          )
        }
      </Loaded>
    </Page>
  )
}
