import type { Command } from 'commander'
import { isAuthError } from '../../../shared/kernel/errors.ts'
import { type SubjectId, subjectId } from '../../../shared/kernel/ids.ts'
import { eraseUser, findSubject } from '../../gateway/accounts/index.ts'
import { type StoreContext, withStore } from '../store/open-store.ts'

/** An id that Curfew drew: a store that was restored may not know it, and have the key. */
const drawnId = /^[0-9a-f]{32}$/

const subjectOf = async (context: StoreContext, text: string): Promise<SubjectId> => {
  try {
    return (await findSubject(context, text)).sub
  } catch (error) {
    if (isAuthError(error, 'USER_UNKNOWN') && drawnId.test(text)) return subjectId(text)
    throw error
  }
}

type Options = Readonly<{ force?: boolean }>

/** Looks up every user that the command names before it erases the first one. */
const eraseAll = async (
  context: StoreContext,
  names: readonly string[],
  options: Options,
): Promise<void> => {
  const subs: SubjectId[] = []
  for (const name of names) subs.push(await subjectOf(context, name))
  if (context.context.sealer === undefined) {
    process.stderr.write('curfew: CURFEW_EVENT_PRIVACY=clear: events written so stay in clear\n')
  }
  for (const sub of subs) {
    await eraseUser(context, sub, options)
    process.stdout.write(
      `erased ${sub}: the account is gone, every session ended, and what events say of the ` +
        'person opens to nobody\n',
    )
  }
}

/** `curfew users erase`. */
export const addErasingCommand = (
  users: Command,
  force: readonly [flags: string, description: string],
): void => {
  users
    .command('erase <user...>')
    .description('make unreadable, for ever, what events say of a user, by name or id; see --help')
    .addHelpText(
      'after',
      '\nThe account goes and every session ends. Addresses, agents and names in all events\n' +
        'of this user open to nobody any more: in the store, the log, the trail, exports and\n' +
        'backups of them. A backup of the store from before still has the key: after it is\n' +
        'restored, erase the user again. A user who was deleted before is named by id.',
    )
    .requiredOption('--yes', 'say that it is meant')
    .option(...force)
    .action((names: readonly string[], options: Options) =>
      withStore((context) => eraseAll(context, names, options)),
    )
}
