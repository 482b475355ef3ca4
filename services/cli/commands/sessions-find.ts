import { type Command, Option } from 'commander'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import { findNamed } from '../../gateway/audit/index.ts'
import {
  type FoundSession,
  findSessions,
  foundSessionBody,
  namesOf,
  type SessionFilter,
  sessionStates,
} from '../../gateway/operators/index.ts'
import { eventDeps, type StoreContext, withStore } from '../store/open-store.ts'

import { type Column, printList, type Shown } from '../terminal/print-list.ts'
import { sayJson } from '../terminal/printable.ts'
import { countOf, instantOf, requireTime, termOf } from './option-parsers.ts'

type Options = Shown &
  Readonly<{
    limit: number
    user?: string
    client?: string
    address?: string
    agent?: string
    state?: NonNullable<SessionFilter['state']>
    since?: EpochMs
    until?: EpochMs
    oldest?: boolean
  }>
type Body = ReturnType<typeof foundSessionBody>
type FoundPage = Awaited<ReturnType<typeof findSessions>>
type Found = Readonly<{ sessions: readonly FoundSession[]; more: boolean }>

const pageSize = 200

/** Page by page, each told before it is shown, up to so many. */
const found = async (context: StoreContext, options: Options): Promise<Found> => {
  const audit = await context.asking()
  const { address = null, agent = null, state = null } = options
  const { since = null, until = null, limit } = options
  requireTime(since, until)
  const named = { user: options.user ?? null, client: options.client ?? null, actor: null }
  const { user, client } = await findNamed(context, audit, named)
  const filter = { user, client, address, agent, state }
  const order = options.oldest ? 'oldest' : 'newest'
  const told = { ...noFilter, user, client, address, since, until, kind: 'question:sessions' }
  const sessions: FoundSession[] = []
  let after: AuditPlace | null = null
  do {
    const size = Math.min(pageSize, limit - sessions.length)
    const page = { since, until, order, after, limit: size } as const
    const read: FoundPage = await findSessions({ ...context, audit }, filter, page)
    await audit.readings.tellAnswer(eventDeps(context), told, read.sessions.length)
    sessions.push(...read.sessions)
    after = read.next
  } while (after !== null && sessions.length < limit)
  return { sessions, more: after !== null }
}

const columns: readonly Column<Body>[] = [
  { heading: 'SESSION', member: 'sid', value: ({ sid }) => sid },
  {
    heading: 'USER',
    member: 'user',
    value: ({ user, username }) => (username ? `${username} (${user})` : user),
  },
  { heading: 'CLIENT', member: 'client_id', value: ({ client_id }) => client_id },
  { heading: 'STATUS', member: 'status', value: ({ status }) => status },
  { heading: 'STARTED', member: 'started', value: ({ started }) => started.at },
  { heading: 'LAST USED', member: 'last_used_at', value: ({ last_used_at }) => last_used_at },
  { heading: 'FROM', member: 'address', value: ({ started }) => started.address },
  { heading: 'AGENT', member: 'agent', value: ({ started }) => started.agent },
  {
    heading: 'ENDED',
    member: 'ended',
    value: ({ ended }) => ended && `${ended.at ?? ''} ${ended.reason ?? ''}`.trim(),
  },
]

const find = async (context: StoreContext, options: Options): Promise<void> => {
  const { sessions, more } = await found(context, options)
  const names = await namesOf(context, sessions)
  const bodies = sessions.map((session) => foundSessionBody(session, names))
  if (options.json) return sayJson({ sessions: bodies, more })
  await printList(columns, bodies, {})
  if (more) process.stderr.write('there are more: give a greater --limit\n')
}

/** `curfew sessions find`: what `GET /sessions/search` answers. */
export const addFindCommand = (sessions: Command): void => {
  sessions
    .command('find')
    .description('sessions of all users, by when they began; all that is given must hold')
    .option('--user <name>', 'of this user, by name or id')
    .option('--client <id>', 'opened through this client', termOf('client'))
    .option('--address <address>', 'where the login came from', termOf('address'))
    .option('--agent <text>', 'a part of the agent of the login, in any case')
    .addOption(new Option('--state <state>', 'whether it lives').choices(sessionStates))
    .option(
      '--since <instant>',
      'began then or later: an instant, a day, or how long ago',
      instantOf,
    )
    .option('--until <instant>', 'began before then', instantOf)
    .option('--oldest', 'oldest first')
    .option('--limit <count>', 'so many at most', countOf, 100)
    .option('--json', 'one JSON object')
    .action((options: Options) => withStore((context) => find(context, options)))
}
