import { type Command, Option } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { EventFilter } from '../../auditor/exports/index.ts'

const instantPattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

const instant =
  (option: string) =>
  (text: string): number => {
    const at = instantPattern.test(text) ? Date.parse(text) : Number.NaN
    if (!Number.isNaN(at)) return at
    throw new AuthError(
      'INPUT_INVALID',
      `${option} is "${text}": give a date (of UTC) or an instant, such as 2026-11-30T09:00:00Z`,
    )
  }

const each = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
]

/** What an event may be chosen by. */
const filterOptions: readonly Option[] = [
  new Option('--since <instant>', 'from this instant').argParser(instant('--since')),
  new Option('--until <instant>', 'before this instant').argParser(instant('--until')),
  new Option('--kind <type>', 'such as TokenRevoked; again for others').argParser(each),
  new Option('--user <id>', 'about this user'),
  new Option('--session <id>', 'of this session'),
  new Option('--token <id>', 'of this token'),
  new Option('--client <id>', 'of this client'),
  new Option('--actor <id>', 'caused by'),
  new Option('--address <address>', 'from this address'),
]

export const addFilterOptions = (command: Command): Command =>
  filterOptions.reduce((with_, option) => with_.addOption(option), command)

/** Of the options, those that choose events. */
export const filterIn = (options: EventFilter): EventFilter => {
  const { since, until, kind, user, session, token, client, actor, address } = options
  const given = { since, until, kind, user, session, token, client, actor, address }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
