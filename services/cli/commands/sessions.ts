import type { Command } from 'commander'
import type { LiveSession } from '../../../shared/events/live-session.ts'
import type { SessionUse } from '../../../shared/events/session-entry.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import {
  type ClientId,
  clientId,
  type SubjectId,
  sessionId,
  sessionStream,
} from '../../../shared/kernel/ids.ts'
import { findSubject } from '../../gateway/accounts/index.ts'
import { livingSessions, requireKnownClient } from '../../gateway/revocations/index.ts'
import { type ListedSession, listSessions } from '../../gateway/sessions/index.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'
import {
  type Column,
  instantText,
  jsonOption,
  printList,
  printOne,
  type Shown,
} from '../terminal/print-list.ts'
import { revoke } from './revoke.ts'
import { addFindCommand } from './sessions-find.ts'
import { addLifeCommand } from './sessions-life.ts'

const pageSize = 100

/** A session as it is printed; the members are those of `GET /sessions`. */
type Row = Pick<LiveSession, 'sid' | 'sub' | 'expiresAt'> &
  Readonly<{
    client: ClientId | null
    kind: 'pair' | 'sliding' | null
    status: ListedSession['status']
    first: Pick<SessionUse, 'at' | 'address' | 'agent'> | null
    last: SessionUse | null
    ended: ListedSession['ended']
  }>

const useOf = (use: Row['first']) =>
  use && { at: instantText(use.at), address: use.address, agent: use.agent }
const useText = (use: Row['first']): string =>
  use ? [instantText(use.at), use.address, use.agent].filter(Boolean).join(' ') : '-'

const columns: readonly Column<Row>[] = [
  { heading: 'SESSION', member: 'sid', value: ({ sid }) => sid },
  { heading: 'USER', member: 'sub', value: ({ sub }) => sub },
  { heading: 'CLIENT', member: 'client_id', value: ({ client }) => client },
  { heading: 'KIND', member: 'kind', value: ({ kind }) => kind },
  { heading: 'STATUS', member: 'status', value: ({ status }) => status },
  {
    heading: 'STARTED',
    member: 'started',
    value: ({ first }) => useOf(first),
    text: ({ first }) => useText(first),
  },
  {
    heading: 'LAST USED',
    member: 'last_used',
    value: ({ last }) => useOf(last),
    text: ({ last }) => useText(last),
  },
  { heading: 'EXPIRES', member: 'expires_at', value: ({ expiresAt }) => instantText(expiresAt) },
  {
    heading: 'ENDED',
    member: 'ended',
    value: ({ ended }) => ended && { at: instantText(ended.at), reason: ended.reason },
    text: ({ ended }) =>
      ended ? `${instantText(ended.at) ?? ''} ${ended.reason ?? ''}`.trim() : '-',
  },
]

const rowOf = ({ entry, status, expiresAt, ended }: ListedSession): Row => {
  const { sid, sub, client, kind, first, last } = entry
  return { sid, sub, client, kind, status, first, last, expiresAt, ended }
}

/** What the store says of a session that the list, which is behind the log, does not have yet. */
const livingRow = ({ sid, sub, client, kind, startedAt, expiresAt }: LiveSession): Row => {
  const first = { at: startedAt, address: null, agent: null }
  return { sid, sub, client, kind, status: 'alive', first, last: null, expiresAt, ended: null }
}

const sessionsOf = async function* (context: StoreContext, sub: SubjectId): AsyncGenerator<Row> {
  const seen = new Set<string>()
  let after = null
  do {
    const page = await listSessions(context, { sub, after, limit: pageSize })
    for (const session of page.sessions) {
      seen.add(session.entry.sid)
      yield rowOf(session)
    }
    after = page.next
  } while (after !== null)
  for await (const page of livingSessions(context, { scope: 'subject', sub })) {
    yield* page.filter(({ sid }) => !seen.has(sid)).map(livingRow)
  }
}

const living = async function* (context: StoreContext): AsyncGenerator<Row> {
  for await (const page of livingSessions(context, { scope: 'all' })) yield* page.map(livingRow)
}

type ListOptions = Shown & Readonly<{ client?: string; alive?: boolean }>

const wanted = async function* (
  rows: AsyncIterable<Row>,
  { alive }: ListOptions,
  client: ClientId | null,
): AsyncGenerator<Row> {
  for await (const row of rows) {
    if (client !== null && row.client !== client) continue
    if (!alive || row.status === 'alive') yield row
  }
}

const list = async (
  context: StoreContext,
  user: string | undefined,
  options: ListOptions,
): Promise<void> => {
  const client = options.client === undefined ? null : clientId(options.client)
  if (client !== null) await requireKnownClient(context, client)
  const rows =
    user === undefined
      ? living(context)
      : sessionsOf(context, (await findSubject(context, user)).sub)
  await printList(columns, wanted(rows, options, client), options)
}

const found = async (context: StoreContext, text: string): Promise<Row> => {
  const sid = sessionId(text)
  const [head] = await context.context.store.heads([sessionStream(sid)])
  const unknown = new AuthError('NOT_FOUND', 'there is no such session')
  if (!head?.session) throw unknown
  for await (const row of sessionsOf(context, head.session.sub)) if (row.sid === sid) return row
  throw unknown
}

/** `curfew sessions …`: where users are logged in; also while gateways run. */
export const addSessionCommands = (root: Command): void => {
  const sessions = root
    .command('sessions')
    .description('list, find, show, life, end: where users are logged in; also while gateways run')
  sessions
    .command('list [user]')
    .description('the sessions of a user, by name or id, newest first; without one, all that live')
    .option('--client <id>', 'only those that were opened through this client')
    .option('--alive', 'only those that live')
    .option(...jsonOption)
    .action((user: string | undefined, options: ListOptions) =>
      withStore((context) => list(context, user, options)),
    )
  addFindCommand(sessions)
  addLifeCommand(sessions)
  sessions
    .command('show <sid>')
    .description('one session: whose, since when, from where, until when, and how it ended')
    .option('--json', 'one JSON object')
    .action((sid: string, options: Shown) =>
      withStore(async (context) => printOne(columns, await found(context, sid), options)),
    )
  sessions
    .command('end <sid>')
    .description('the same as `curfew revoke session`')
    .option('--preview', 'end nothing, and say whether it lives')
    .option('--json', 'answer as JSON')
    .action((sid: string, options: Shown & { preview?: boolean }) =>
      withStore((context) =>
        revoke(context, { target: { scope: 'session', sid: sessionId(sid) } }, options),
      ),
    )
}
