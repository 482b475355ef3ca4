import type { Command } from 'commander'
import type { Hold, HoldScope } from '../../../shared/fleet/holds/index.ts'
import { AuthError } from '../../../shared/kernel/errors.ts'
import { clientId, type EpochMs, sessionId } from '../../../shared/kernel/ids.ts'
import { findSubject } from '../../gateway/accounts/index.ts'
import { findHeldClient, letGoBefore } from '../../gateway/audit/index.ts'
import { holdBody, holdsInForce, placeHold, releaseHold } from '../../gateway/holds/index.ts'
import { eventDeps, type StoreContext, withStore } from '../store/open-store.ts'

import {
  type Column,
  instantText,
  jsonOption,
  printList,
  printOne,
  type Shown,
} from '../terminal/print-list.ts'
import { isoInstantOf, requireTime } from './option-parsers.ts'

type Asked = Readonly<{
  reason: string
  user?: string
  session?: string
  client?: string
  since?: EpochMs
  until?: EpochMs
  everything?: boolean
}>

const invalid = (text: string): AuthError => new AuthError('INPUT_INVALID', text)

const scopeOf = async (context: StoreContext, asked: Asked): Promise<HoldScope> => {
  const { user, session, client, since = null, until = null, everything } = asked
  const scope: HoldScope = {
    user: user === undefined ? null : (await findSubject(context, user)).sub,
    session: session === undefined ? null : sessionId(session),
    client: client === undefined ? null : clientId(client),
    ...{ since, until },
  }
  const isGiven = Object.values(scope).some((one) => one !== null)
  if (isGiven === (everything ?? false)) {
    throw invalid(
      'say what is held by --user, --session, --client, --since or --until; or --everything',
    )
  }
  requireTime(since, until)
  return scope
}

const reasonOf = (text: string): string => {
  const reason = text.trim()
  if (reason.length >= 1 && reason.length <= 256) return reason
  throw invalid('--reason has 1 to 256 characters')
}

type HoldBody = ReturnType<typeof holdBody>

const isOfAll = ({ user, session, client, since, until }: HoldBody): boolean =>
  [user, session, client, since, until].every((one) => one === null)

const columns: readonly Column<HoldBody>[] = [
  { heading: 'ID', member: 'id', value: ({ id }) => id },
  { heading: 'PLACED', member: 'placed_at', value: ({ placed_at }) => placed_at },
  {
    ...{ heading: 'BY', member: 'placed_by' },
    value: ({ placed_by }) => placed_by,
    text: ({ placed_by }) => (placed_by ? `${placed_by.by}:${placed_by.id}` : '-'),
  },
  {
    ...{ heading: 'USER', member: 'user' },
    value: ({ user }) => user,
    text: (hold) => hold.user ?? (isOfAll(hold) ? '(everything)' : '-'),
  },
  { heading: 'SESSION', member: 'session', value: ({ session }) => session },
  { heading: 'CLIENT', member: 'client', value: ({ client }) => client },
  { heading: 'SINCE', member: 'since', value: ({ since }) => since },
  { heading: 'UNTIL', member: 'until', value: ({ until }) => until },
  { heading: 'ENDING', member: 'is_ending', value: ({ is_ending }) => is_ending },
  { heading: 'REASON', member: 'reason', value: ({ reason }) => reason },
]

const add = (asked: Asked & Shown): Promise<void> => {
  const reason = reasonOf(asked.reason)
  return withStore(async (context) => {
    const scope = await scopeOf(context, asked)
    if (scope.client !== null) await findHeldClient(context, await context.asking(), scope.client)
    const hold: Hold = await placeHold(eventDeps(context), { scope, reason })
    printOne(columns, holdBody(hold), asked)
    const before = await letGoBefore(context, scope)
    if (before === null) return
    const text = `it covers nothing from before ${instantText(before)}: that was let go of before`
    process.stderr.write(`curfew: ${text}\n`)
  })
}

const release = (id: string, { reason: text }: Readonly<{ reason: string }>): Promise<void> => {
  const reason = reasonOf(text)
  return withStore(async (context) => {
    await releaseHold(eventDeps(context), { id, reason })
    process.stdout.write(`released ${id}\n`)
  })
}

/** `curfew audit hold …`: what must not be deleted; also while gateways run. */
export const addHoldCommands = (audit: Command): void => {
  const hold = audit.command('hold').description('legal holds: what must not be deleted')
  hold
    .command('add')
    .description('hold what all of this is true of, until it is released')
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .option('--user <name>', 'whom it is about, by name or id')
    .option('--session <sid>', 'a session')
    .option('--client <id>', 'a client')
    .option('--since <instant>', 'from then on', isoInstantOf)
    .option('--until <instant>', 'before then', isoInstantOf)
    .option('--everything', 'all events')
    .option(jsonOption[0], 'one JSON object')
    .action(add)
  hold
    .command('list')
    .description('the holds in force')
    .option(...jsonOption)
    .action((shown: Shown) =>
      withStore(async (context) => {
        await printList(columns, (await holdsInForce(eventDeps(context))).map(holdBody), shown)
      }),
    )
  hold
    .command('release <id>')
    .description('release a hold')
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .action(release)
}
