import { type Command, InvalidArgumentError, Option } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EpochMs } from '../../../shared/kernel/ids.ts'
import { isoInstant, isoInstantExample } from '../../../shared/kernel/iso-instant.ts'
import { eventTable } from '../../auditor/export-formats/index.ts'
import type { EventFilter } from '../../auditor/exports/index.ts'
import { requireTime, termOf } from './option-parsers.ts'

const instant =
  (option: string) =>
  (text: string): number => {
    const at = isoInstant(text)
    if (at !== null) return at
    throw new AuthError('INPUT_INVALID', `${option} is "${text}": give ${isoInstantExample}`)
  }

/** A type that was mistyped would choose nothing, and the file would say that nothing happened. */
const kinds = (kind: string, before: readonly string[] = []): readonly string[] => {
  if (Object.hasOwn(eventTable, kind)) return [...before, kind]
  throw new InvalidArgumentError(`it is one of ${Object.keys(eventTable).join(', ')}.`)
}

/** What an event may be chosen by. */
const filterOptions: readonly Option[] = [
  new Option('--since <instant>', 'from this instant').argParser(instant('--since')),
  new Option('--until <instant>', 'before this instant').argParser(instant('--until')),
  new Option('--kind <type>', 'such as TokenRevoked; again for others').argParser(kinds),
  new Option('--user <name>', 'about this user, by id, or by name where the store is'),
  new Option('--session <id>', 'of this session').argParser(termOf('session')),
  new Option('--token <id>', 'of this token').argParser(termOf('token')),
  new Option('--client <id>', 'of this client'),
  new Option('--actor <id>', 'caused by: a user as above, a service client, cli:root'),
  new Option('--address <address>', 'from this address').argParser(termOf('address')),
]

export const addFilterOptions = (command: Command): Command =>
  filterOptions.reduce((with_, option) => with_.addOption(option), command)

/** The options that choose events, taken out of all options. */
export const filterIn = (options: EventFilter): EventFilter => {
  const { since, until, kind, user, session, token, client, actor, address } = options
  requireTime(since as EpochMs | undefined, until as EpochMs | undefined)
  const given = { since, until, kind, user, session, token, client, actor, address }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
