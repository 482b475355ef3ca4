import type { Command } from 'commander'
import { AuthError } from '../../../shared/kernel/errors.ts'
import type { User } from '../../../shared/ports/user-directory.ts'
import {
  checkName,
  checkPassword,
  checkRoles,
  createUser,
  deleteKeepingAnAdministrator,
  deleteUser,
  disableKeepingAnAdministrator,
  everyUser,
  findUser,
  setActive,
  setPassword,
  setRoles,
  setRolesKeepingAnAdministrator,
  storedName,
} from '../../gateway/accounts/index.ts'
import { type AccountContext, accountSettings, withAccounts } from '../store/open-store.ts'
import { askNewPassword, isTerminal } from '../terminal/ask.ts'
import {
  type Column,
  instantText,
  jsonOption,
  printList,
  type Shown,
} from '../terminal/print-list.ts'
import { readStdin } from '../terminal/read-stdin.ts'
import { addErasingCommand } from './users-erase.ts'

const inputMax = 4096

/** From standard input where that is asked for; else whoever sits at the terminal types it. */
const readPassword = (
  whose: string,
  { passwordStdin }: Readonly<{ passwordStdin?: boolean }>,
): Promise<string> => {
  if (passwordStdin) return readStdin('password', inputMax)
  if (isTerminal()) return askNewPassword(whose)
  throw new AuthError('INPUT_INVALID', 'give the password on standard input, with --password-stdin')
}

/** By name or by id; says so where it was the id. */
const named = async ({ accounts: { directory } }: AccountContext, text: string): Promise<User> => {
  const found = await findUser(directory, text)
  if (!found) throw new AuthError('USER_UNKNOWN', `there is no user ${JSON.stringify(text)}`)
  if (found.foundBy === 'id')
    process.stderr.write(`curfew: ${text} is the id of ${found.user.username}\n`)
  return found.user
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** The members are those of `GET /users`. */
const columns: readonly Column<User>[] = [
  { heading: 'NAME', member: 'username', value: ({ username }) => username },
  { heading: 'ID', member: 'sub', value: ({ sub }) => sub },
  {
    heading: 'STATE',
    member: 'active',
    value: ({ active }) => active,
    text: ({ active }) => (active ? 'active' : 'disabled'),
  },
  { heading: 'ROLES', member: 'roles', value: ({ roles }) => roles },
  {
    heading: 'LAST LOGIN',
    member: 'last_login',
    value: ({ lastLoginAt }) => instantText(lastLoginAt),
  },
  { heading: 'KNOWN AS', member: 'id', value: ({ id }) => id },
  { heading: 'EMAIL', member: 'email', value: ({ email }) => email },
  { heading: 'CREATED', member: 'created_at', value: ({ createdAt }) => instantText(createdAt) },
]

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const force = ['--force', 'even if no active administrator is left'] as const
type Forced = Readonly<{ force?: boolean }>
type RoleOptions = Forced & Readonly<{ add: readonly string[]; remove: readonly string[] }>

const changeRoles = async (
  context: AccountContext,
  name: string,
  { add, remove, force }: RoleOptions,
): Promise<void> => {
  const { sub, username } = await named(context, name)
  const both = add.find((role) => remove.includes(role))
  if (both !== undefined) {
    throw new AuthError('INPUT_INVALID', `${JSON.stringify(both)} is both given and taken`)
  }
  const set = force ? setRoles : setRolesKeepingAnAdministrator
  const commit = await set(context, sub, (roles) =>
    [...roles, ...add].filter((role) => !remove.includes(role)),
  )
  const roles = (await context.accounts.directory.bySub(sub))?.roles ?? []
  const ended = commit !== null && commit.kind === 'r' ? '; every session ended' : ''
  say(`${username}: ${roles.length === 0 ? 'no roles' : roles.join(',')}${ended}`)
}

type NewUser = Readonly<{ passwordStdin?: boolean; role: readonly string[] }>

/** What is wrong with it is said before there is a store: one that fails makes none. */
const addOne = async (username: string, options: NewUser): Promise<void> => {
  const { passwordWords: words } = accountSettings()
  checkName(storedName(username))
  checkRoles(options.role)
  const password = await readPassword(username, options)
  checkPassword(password, { username, words })
  await withAccounts(
    async (context) => {
      const { sub } = await createUser(context, { username, password, roles: options.role })
      say(`created ${username} (${sub})`)
    },
    { makes: true },
  )
}

const addPasswordCommands = (users: Command): void => {
  const stdin = ['--password-stdin', 'read the password from standard input'] as const
  users
    .command('add <name>')
    .description('create a user')
    .option(...stdin)
    .option('--role <role>', 'a role, such as admin; may be repeated', collect, [])
    .action((name: string, options: NewUser) => addOne(name, options))
  users
    .command('password <name>')
    .alias('passwd')
    .description('set a password; ends every session of the user')
    .option(...stdin)
    .action((name: string, options: { passwordStdin?: boolean }) =>
      withAccounts(async (context) => {
        const { sub, username } = await named(context, name)
        const password = await readPassword(username, options)
        await setPassword(context, sub, password)
        say(`changed the password of ${username}; every session ended`)
      }),
    )
}

const addEndingCommands = (users: Command): void => {
  users
    .command('disable <name>')
    .description('end every session of a user and refuse logins')
    .option(...force)
    .action((name: string, options: Forced) =>
      withAccounts(async (context) => {
        const { sub, username } = await named(context, name)
        if (options.force) await setActive(context, sub, false)
        else await disableKeepingAnAdministrator(context, sub)
        say(`disabled ${username}`)
      }),
    )
  users
    .command('delete <name>')
    .description('end every session of a user and remove the account, for ever')
    .requiredOption('--yes', 'say that it is meant')
    .option(...force)
    .action((name: string, options: Forced) =>
      withAccounts(async (context) => {
        const { sub, username } = await named(context, name)
        if (options.force) await deleteUser(context, sub)
        else await deleteKeepingAnAdministrator(context, sub)
        say(`deleted ${username}; every session ended, and the name is free`)
      }),
    )
}

/** `curfew users …`: works on the same store as the gateways, also while they run. */
export const addUserCommands = (root: Command): void => {
  const users = root
    .command('users')
    .description(
      'add, list, disable, enable, delete, erase, password, roles: the built-in directory; also ' +
        'while gateways run',
    )
  addPasswordCommands(users)
  users
    .command('roles <name>')
    .description('show, give or take roles; one that is taken ends every session of the user')
    .option('--add <role>', 'give a role; may be repeated', collect, [])
    .option('--remove <role>', 'take a role; may be repeated', collect, [])
    .option(...force)
    .action((name: string, options: RoleOptions) =>
      withAccounts((context) => changeRoles(context, name, options)),
    )
  users
    .command('enable <name>')
    .description('let a user log in again')
    .action((name: string) =>
      withAccounts(async (context) => {
        const { sub, username } = await named(context, name)
        await setActive(context, sub, true)
        say(`enabled ${username}`)
      }),
    )
  addEndingCommands(users)
  addErasingCommand(users, force)
  users
    .command('list')
    .description('name, id, state, roles and last login (CURFEW_UPDATE_LAST_LOGIN) of every user')
    .option(...jsonOption)
    .action((options: Shown) =>
      withAccounts(({ accounts: { directory } }) =>
        printList(columns, everyUser(directory), options),
      ),
    )
}
