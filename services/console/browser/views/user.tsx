import type { SessionPageBody, UserBody } from '../../../gateway/answers.ts'
import { go, hrefOf, hrefWith, query } from '../model/address.ts'
import { ask } from '../model/ask.ts'
import { agentName } from '../model/format.ts'
import { mayAct } from '../model/may-act.ts'
import { useAsked } from '../model/use-asked.ts'
import { usePages } from '../model/use-pages.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import type { Column } from '../parts/data-table.tsx'
import { Copy, Id } from '../parts/id.tsx'
import { Listed } from '../parts/listed.tsx'
import { Card, Page } from '../parts/page.tsx'
import { Empty, Loaded } from '../parts/states.tsx'
import { When } from '../parts/when.tsx'

type Session = SessionPageBody['sessions'][number]

const tones = { alive: 'good', ended: 'warn', expired: 'quiet' } as const

const columns: readonly Column<Session>[] = [
  {
    heading: 'Session',
    cell: ({ sid }) => (
      <a data-open href={hrefOf(`/sessions/${sid}`)}>
        <code>{sid.slice(0, 10)}…</code>
      </a>
    ),
  },
  {
    heading: 'State',
    cell: ({ status, ended }) => (
      <span class={`state ${tones[status]}`}>
        {status}
        {ended?.reason && `, ${ended.reason.replaceAll('_', ' ')}`}
      </span>
    ),
  },
  { heading: 'Client', cell: ({ client_id: client }) => <Id kind="client" id={client} /> },
  {
    heading: 'Address',
    cell: ({ last_used: used, started }) => (
      <Id kind="address" id={(used ?? started)?.address ?? null} />
    ),
  },
  {
    heading: 'Browser',
    cell: ({ last_used: used, started }) => {
      const agent = (used ?? started)?.agent
      return agent ? <span title={agent}>{agentName(agent)}</span> : <span class="quiet">–</span>
    },
  },
  { heading: 'Began', cell: ({ started }) => <When at={started?.at ?? null} /> },
  { heading: 'Last used', cell: ({ last_used: used }) => <When at={used?.at ?? null} /> },
]

const Facts = ({ user }: Readonly<{ user: UserBody }>) => (
  <dl class="facts">
    <div>
      <dt>Id</dt>
      <dd class="id">
        <code>{user.sub}</code>
        <Copy text={user.sub} what="the id" />
      </dd>
    </div>
    <div>
      <dt>Roles</dt>
      <dd>{user.roles.join(', ') || '–'}</dd>
    </div>
    <div>
      <dt>State</dt>
      <dd class={`state ${user.active ? 'good' : 'warn'}`}>
        {user.active ? 'active' : 'disabled'}
      </dd>
    </div>
    <div>
      <dt>Made</dt>
      <dd>
        <When at={user.created_at} />
      </dd>
    </div>
    <div>
      <dt>Last login</dt>
      <dd>
        <When at={user.last_login} />
      </dd>
    </div>
  </dl>
)

const deeds = {
  disable: {
    title: 'Disable the account',
    text: 'The user is logged out everywhere and cannot log in until somebody enables the account.',
    isTyped: false,
  },
  enable: { title: 'Enable the account', text: 'The user can log in again.', isTyped: false },
  erase: {
    title: 'Erase the user',
    text:
      'The account is removed, every session ends, and what events say of this person cannot be ' +
      'read any more, wherever it was copied to. It cannot be taken back.',
    isTyped: true,
  },
} as const
type Deed = keyof typeof deeds

const DeedDialog = ({ user, again }: Readonly<{ user: UserBody; again: () => void }>) => {
  const named = query.value['do'] ?? ''
  if (!mayAct || !Object.hasOwn(deeds, named)) return null
  const deed = named as Deed
  const { title, text, isTyped } = deeds[deed]
  const at = `/users/${encodeURIComponent(user.sub)}`
  const close = (): void => go(hrefWith({ do: '' }), 'replace')
  const act = () =>
    deed === 'erase'
      ? ask(`${at}/erase`, { method: 'POST' })
      : ask(at, { method: 'PATCH', body: { active: deed === 'enable' } })
  const done = (): void => {
    if (deed === 'erase') go(hrefOf('/users'))
    else {
      close()
      again()
    }
  }
  const word = isTyped ? { word: user.username } : {}
  return (
    <ConfirmDialog title={title} {...word} act={act} onDone={done} onClose={close}>
      <p>
        <strong>{user.username}</strong>
      </p>
      <p>{text}</p>
    </ConfirmDialog>
  )
}

const Actions = ({ user }: Readonly<{ user: UserBody }>) => (
  <>
    <a class="button" href={hrefOf('/events', { user: user.sub })}>
      Events
    </a>
    {mayAct && (
      <>
        <a class="button" href={hrefWith({ do: user.active ? 'disable' : 'enable' })}>
          {user.active ? 'Disable' : 'Enable'}
        </a>
        <a class="button danger" href={hrefWith({ end: `subject:${user.sub}` })}>
          End all sessions
        </a>
        <a class="button danger" href={hrefWith({ do: 'erase' })}>
          Erase
        </a>
      </>
    )}
  </>
)

const sessionsQuery = { limit: '50' }
const sessionsOf = ({ sessions }: SessionPageBody): readonly Session[] => sessions

const Sessions = ({ id }: Readonly<{ id: string }>) => {
  const at = `/users/${encodeURIComponent(id)}/sessions`
  const pages = usePages<SessionPageBody, Session>(at, sessionsQuery, sessionsOf)
  return (
    <Card title="Sessions">
      <Listed
        label="Sessions"
        pages={pages}
        columns={columns}
        keyOf={({ sid }) => sid}
        empty={<Empty command={`curfew sessions list ${id}`}>There is no session.</Empty>}
      />
    </Card>
  )
}

/** What an auditor reads of sessions is told as a reading, so it is the search that shows them. */
const Searches = ({ id }: Readonly<{ id: string }>) => (
  <p>
    <a href={hrefOf('/sessions', { user: id })}>Where this user is logged in</a>
  </p>
)

/** One account, and where it is logged in. */
export const User = ({ id }: Readonly<{ id: string }>) => {
  const asked = useAsked<UserBody>(`/users/${encodeURIComponent(id)}`)
  const user = asked.body
  return (
    <Page
      title={user?.username ?? 'User'}
      {...(user?.email && { lead: user.email })}
      actions={user && <Actions user={user} />}
    >
      <Loaded asked={asked}>{(found) => <Facts user={found} />}</Loaded>
      {mayAct ? <Sessions id={id} /> : <Searches id={user?.sub ?? id} />}
      {user && <DeedDialog user={user} again={asked.again} />}
    </Page>
  )
}
