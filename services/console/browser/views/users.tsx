import type { UserBody } from '../../../gateway/answers.ts'
import { go, hrefOf } from '../model/address.ts'
import { learnNames } from '../model/names.ts'
import { usePages } from '../model/use-pages.ts'
import type { Column } from '../parts/data-table.tsx'
import { Copy } from '../parts/id.tsx'
import { Listed } from '../parts/listed.tsx'
import { Page } from '../parts/page.tsx'
import { SearchField } from '../parts/search-field.tsx'
import { Empty } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

type Body = Readonly<{ users: readonly UserBody[]; next: string | null }>

const columns: readonly Column<UserBody>[] = [
  {
    heading: 'User',
    cell: ({ sub, username }) => (
      <a data-open href={hrefOf(`/users/${encodeURIComponent(sub)}`)}>
        {username}
      </a>
    ),
  },
  {
    heading: 'Id',
    cell: ({ sub }) => (
      <span class="id">
        <code>{sub}</code>
        <Copy text={sub} what="the id" />
      </span>
    ),
  },
  { heading: 'Roles', cell: ({ roles }) => roles.join(', ') || <span class="quiet">–</span> },
  {
    heading: 'State',
    cell: ({ active }) => (
      <span class={`state ${active ? 'good' : 'warn'}`}>{active ? 'active' : 'disabled'}</span>
    ),
  },
  { heading: 'Made', cell: ({ created_at: at }) => <When at={at} /> },
  { heading: 'Last login', cell: ({ last_login: at }) => <When at={at} /> },
]

const query = { limit: '100' }
const rowsOf = ({ users }: Body): readonly UserBody[] => {
  learnNames(users)
  return users
}

/** The accounts of the built-in directory. */
export const Users = () => {
  const pages = usePages<Body, UserBody>('/users', query, rowsOf)
  const search = (text: string): null => {
    if (text !== '') go(hrefOf(`/users/${encodeURIComponent(text)}`))
    return null
  }
  return (
    <Page title="Users" lead="The accounts, in order of name.">
      <SearchField
        label="Find a user"
        placeholder="A name, an id or an address"
        words=""
        onSearch={search}
      />
      <Listed
        label="Users"
        pages={pages}
        columns={columns}
        keyOf={({ sub }) => sub}
        empty={<Empty command="curfew users add alice">There is no user yet.</Empty>}
      />
    </Page>
  )
}
