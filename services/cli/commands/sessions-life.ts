import type { Command } from 'commander'
import { noFilter } from '../../../shared/events/audit-terms.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { sessionId } from '../../../shared/kernel/ids.ts'
import { placeText, readEvents } from '../../gateway/audit/index.ts'
import {
  lifeOfSession,
  namesOf,
  sessionOfId,
  toldSessionBody,
} from '../../gateway/operators/index.ts'
import { eventDeps, type StoreContext, withStore } from '../store/open-store.ts'

import { type Column, printList, type Shown } from '../terminal/print-list.ts'
import { sayJson } from '../terminal/printable.ts'

type Body = ReturnType<typeof toldSessionBody>
type Row = NonNullable<Body['life']>['events'][number]

const eventsMax = 1_000

const textIn = ({ data }: Row, name: string): string | null => {
  const value = (data as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : null
}

const columns: readonly Column<Row>[] = [
  { heading: 'TIME', member: 'time', value: ({ time }) => time },
  { heading: 'EVENT', member: 'type', value: ({ type }) => type },
  { heading: 'WHAT', member: 'what', value: (row) => textIn(row, 'kind') ?? textIn(row, 'reason') },
  { heading: 'TOKEN', member: 'token', value: (row) => textIn(row, 'jti') ?? textIn(row, 'key') },
  { heading: 'FROM', member: 'address', value: (row) => textIn(row, 'address') },
  {
    heading: 'BY',
    member: 'actor',
    value: ({ actor }) => actor && `${actor.by}:${actor.id}`,
  },
]

const show = async (context: StoreContext, text: string, { json }: Shown): Promise<void> => {
  const sid = sessionId(text)
  const audit = await context.asking()
  const deps = { ...context, audit }
  const session = await sessionOfId(deps, sid)
  if (session === null) throw new AuthError('NOT_FOUND', 'there is no such session')
  const life = await lifeOfSession(audit, sid, { after: null, limit: eventsMax })
  const told = { ...noFilter, session: sid, since: null, until: null, kind: 'question:session' }
  await audit.readings.tellAnswer(eventDeps(context), told, 1 + (life?.events.length ?? 0))
  const names = await namesOf(context, [session])
  const body = toldSessionBody({ session, names, current: false, life }, placeText)
  if (json) return sayJson(body)
  // What nobody indexed is refused with what to do.
  if (life === null) await readEvents(audit, { ...noFilter, ...firstPage })
  await printList(columns, body.life?.events ?? [], {})
  if (body.life?.cutoff) process.stdout.write(`ended by ${body.life.cutoff}\n`)
}
const firstPage = { since: null, until: null, order: 'oldest', after: null, limit: 1 } as const

/** `curfew sessions life`: what `GET /sessions/{sid}` answers. */
export const addLifeCommand = (sessions: Command): void => {
  sessions
    .command('life <sid>')
    .description('what happened to one session, from its login to its end')
    .option('--json', 'one JSON object')
    .action((sid: string, options: Shown) => withStore((context) => show(context, sid, options)))
}
