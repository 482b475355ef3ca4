import { type Command, InvalidArgumentError } from 'commander'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { type EventType, eventSchemas } from '../../../shared/events/event.ts'
import { actorText } from '../../../shared/events/event-actor.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs, EventId } from '../../../shared/kernel/ids.ts'
import type { AuditPlace } from '../../../shared/ports/audit-index.ts'
import {
  type Auditing,
  eventBody,
  eventOfId,
  findNamed,
  findNamedLive,
  followEvents,
  letGoBefore,
  type ReadEvent,
  readEvents,
  unlessRetriable,
  type Wanted,
} from '../../gateway/audit/index.ts'
import { eventDeps, type StoreContext, withStore } from '../store/open-store.ts'

import { UserNames } from '../store/user-names.ts'
import { filterText } from '../terminal/filter-text.ts'
import {
  type Column,
  instantText,
  jsonOption,
  printList,
  type Shown,
} from '../terminal/print-list.ts'
import { sayJson } from '../terminal/printable.ts'
import { countOf, instantOf, requireTime, termOf } from './option-parsers.ts'

const pageSize = 500

type Filter = Readonly<{
  user?: string
  session?: string
  token?: string
  client?: string
  actor?: string
  kind?: EventType
  address?: string
  since?: EpochMs
  until?: EpochMs
}>
type Query = Filter & Shown & Readonly<{ limit: number; oldest?: boolean }>

const kindOf = (text: string): EventType => {
  if (Object.hasOwn(eventSchemas, text)) return text as EventType
  throw new InvalidArgumentError(`it is one of ${Object.keys(eventSchemas).join(', ')}.`)
}

const addFilter = (command: Command): Command =>
  command
    .option('--user <name>', 'whom it concerns, by name or id')
    .option('--session <sid>', 'the id of a session', termOf('session'))
    .option('--token <jti>', 'the id of a token', termOf('token'))
    .option('--client <id>', 'the client through which somebody logged in', termOf('client'))
    .option('--actor <who>', 'who did it, where that is not the user concerned')
    .option('--kind <type>', 'the type of event, such as LoginFailed', kindOf)
    .option('--address <address>', 'where it came from', termOf('address'))
    .option(
      '--since <instant>',
      'from then on: an instant, a day, or how long ago (2h, 7d)',
      instantOf,
    )
    .option('--until <instant>', 'before then', instantOf)

/** With `isLive` an actor or client may be one of whom nothing was told yet. */
const wantedOf = async (
  context: StoreContext,
  asking: Auditing,
  filter: Filter,
  isLive = false,
): Promise<Wanted> => {
  const { user, session, token, client, actor, kind, address, since, until } = filter
  requireTime(since, until)
  const given = { user: user ?? null, client: client ?? null, actor: actor ?? null }
  const known = isLive
    ? await findNamedLive(context, asking, given)
    : await findNamed(context, asking, given)
  return {
    ...noFilter,
    ...known,
    ...{ session: session ?? null, token: token ?? null },
    ...{ kind: kind ?? null, address: address ?? null },
    ...{ since: since ?? null, until: until ?? null },
  }
}

/** An answer that has nothing must not be taken for one that nothing happened. */
const tellLetGo = async (context: StoreContext, wanted: Wanted): Promise<void> => {
  const before = await letGoBefore(context, wanted)
  if (before === null) return
  const text = `events from before ${instantText(before)} were let go of: docs/audit.md`
  process.stderr.write(`curfew: ${text}\n`)
}

const found = async function* (
  context: StoreContext,
  asking: Auditing,
  wanted: Wanted,
  { limit, oldest }: Query,
): AsyncGenerator<ReadEvent> {
  let left = limit
  let after: AuditPlace | null = null
  do {
    const order = oldest ? 'oldest' : 'newest'
    const page = { ...wanted, order, after, limit: Math.min(left, pageSize) } as const
    const { events, next } = await readEvents(asking, page)
    await asking.readings.tell(eventDeps(context), wanted, events)
    yield* events
    left -= events.length
    after = next
  } while (after !== null && left > 0)
}

const factsOf = ({ event: { data } }: ReadEvent) => data as Readonly<Record<string, unknown>>
const textIn = (event: ReadEvent, member: string): string | null => {
  const value = factsOf(event)[member]
  return typeof value === 'string' ? value : null
}
const told = 'reason cause kind scope key sid client code path limit roles'.split(' ')

/** What the other columns do not say. */
const rest = (event: ReadEvent): string => {
  const facts = factsOf(event)
  const said = told.flatMap((member) => {
    const value = facts[member]
    return value === undefined || value === null ? [] : [`${member}=${String(value)}`]
  })
  return [...said, filterText(facts['filter'])].filter(Boolean).join(' ')
}

const columnsWith = (names: UserNames): readonly Column<ReadEvent>[] => [
  { heading: 'TIME', member: 'time', value: ({ at }) => instantText(at) },
  { heading: 'EVENT', member: 'type', value: ({ event }) => event.type },
  {
    ...{ heading: 'USER', member: 'user' },
    value: (event) => names.shown(textIn(event, 'sub')),
  },
  {
    ...{ heading: 'BY', member: 'actor' },
    value: ({ actor }) => actorText(actor),
  },
  { heading: 'FROM', member: 'address', value: (event) => textIn(event, 'address') },
  { heading: 'WHAT', member: 'what', value: rest },
  { heading: 'ID', member: 'id', value: ({ id }) => id },
]

const named = async function* (
  events: AsyncIterable<ReadEvent>,
  names: UserNames,
): AsyncGenerator<ReadEvent> {
  for await (const event of events) {
    // An event is shown by the id alone while the directory does not answer.
    await names.learn(textIn(event, 'sub')).catch(unlessRetriable)
    yield event
  }
}

const printEvents = async (
  context: StoreContext,
  events: AsyncIterable<ReadEvent>,
  { json }: Shown,
): Promise<void> => {
  if (!json) {
    const names = new UserNames(context.accounts.directory)
    await printList(columnsWith(names), named(events, names), {})
    return
  }
  for await (const event of events) sayJson(eventBody(event))
}

const show = async (context: StoreContext, id: string): Promise<void> => {
  const asking = await context.asking()
  const event = await eventOfId(asking, id as EventId)
  if (event === null) throw new AuthError('NOT_FOUND', `there is no event of the id ${id} (yet)`)
  await asking.readings.tell(eventDeps(context), await wantedOf(context, asking, {}), [event])
  sayJson(eventBody(event), 2)
}

/** `curfew audit query|tail|show`: what `GET /audit/events` answers; also while gateways run. */
export const addEventCommands = (audit: Command, untilStopped: () => AbortSignal): void => {
  addFilter(audit.command('query'))
    .description('events by whom, what, when and where; all that is given must hold; newest first')
    .option('--limit <count>', 'so many at most', countOf, 100)
    .option('--oldest', 'oldest first')
    .option(jsonOption[0], 'an event a line, as JSON')
    .action((options: Query) =>
      withStore(async (context) => {
        const asking = await context.asking()
        const wanted = await wantedOf(context, asking, options)
        await tellLetGo(context, wanted)
        await printEvents(context, found(context, asking, wanted, options), options)
      }),
    )
  addFilter(audit.command('tail'))
    .description('the same events as they come, also those that come late, until it is stopped')
    .option(jsonOption[0], 'an event a line, as JSON')
    .action((options: Filter & Shown) =>
      withStore(async (context) => {
        const asking = await context.asking()
        const wanted = await wantedOf(context, asking, options, true)
        const events = followEvents({
          asking,
          wanted,
          tell: (shown) => asking.readings.tell(eventDeps(context), wanted, shown),
          clock: context.context.clock,
          stop: untilStopped(),
        })
        await printEvents(context, events, options)
      }),
    )
  audit
    .command('show <event-id>')
    .description('one event, with all that it says')
    .action((id: string) => withStore((context) => show(context, id)))
}
