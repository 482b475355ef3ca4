import type { Command } from 'commander'
import { AuthError } from '../../shared/kernel/errors.ts'
import type { User } from '../../shared/ports/user-directory.ts'
import { setRoles } from '../gateway/account-roles.ts'
import { createUser, deleteUser, setActive, setPassword } from '../gateway/accounts.ts'
import { everyUser } from '../gateway/every-user.ts'
import {
  deleteKeepingOne,
  disableKeepingOne,
  setRolesKeepingOne,
} from '../gateway/last-administrator.ts'
import { userNamed } from '../gateway/user-names.ts'
import { type AccountDesk, withAccounts } from './account-desk.ts'
import { readStdin } from './read-stdin.ts'

const inputMax = 4096

const readPassword = (options: Readonly<{ passwordStdin?: boolean }>): Promise<string> => {
  if (options.passwordStdin) return readStdin('password', inputMax)
  throw new AuthError('INPUT_INVALID', 'give the password on standard input, with --password-stdin')
}

const named = async ({ directory }: AccountDesk, name: string): Promise<User> => {
  const user = await userNamed(directory, name)
  if (!user) throw new AuthError('USER_UNKNOWN', `there is no user ${JSON.stringify(name)}`)
  return user
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const lineOf = ({ username, sub, active, roles, lastLoginAt }: User): string => {
  const state = active ? 'active' : 'disabled'
  const last = lastLoginAt === undefined ? '-' : new Date(lastLoginAt).toISOString()
  return [username, sub, state, roles.join(','), last].join('\t')
}

const printUsers = async ({ directory }: AccountDesk): Promise<void> => {
  for await (const user of everyUser(directory)) say(lineOf(user))
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const force = ['--force', 'even if no active administrator is left'] as const
type Forced = Readonly<{ force?: boolean }>
type RoleOptions = Forced & Readonly<{ add: readonly string[]; remove: readonly string[] }>

const changeRoles = async (
  desk: AccountDesk,
  name: string,
  { add, remove, force }: RoleOptions,
): Promise<void> => {
  const { sub } = await named(desk, name)
  const both = add.find((role) => remove.includes(role))
  if (both !== undefined) {
    throw new AuthError('INPUT_INVALID', `${JSON.stringify(both)} is both given and taken`)
  }
  const set = force ? setRoles : setRolesKeepingOne
  const commit = await set(desk, sub, (roles) =>
    [...roles, ...add].filter((role) => !remove.includes(role)),
  )
  const { roles } = await named(desk, name)
  const ended = commit !== null && commit.kind === 'r' ? '; every session ended' : ''
  say(`${name}: ${roles.length === 0 ? 'no roles' : roles.join(',')}${ended}`)
}

const addPasswordCommands = (users: Command): void => {
  const stdin = ['--password-stdin', 'read the password from standard input'] as const
  users
    .command('add <name>')
    .description('create a user')
    .option(...stdin)
    .option('--role <role>', 'a role, such as admin; may be repeated', collect, [])
    .action((name: string, options: { passwordStdin?: boolean; role: readonly string[] }) =>
      withAccounts(async (desk) => {
        const password = await readPassword(options)
        const { sub } = await createUser(desk, { username: name, password, roles: options.role })
        say(`created ${name} (${sub})`)
      }),
    )
  users
    .command('password <name>')
    .alias('passwd')
    .description('set a password; ends every session of the user')
    .option(...stdin)
    .action((name: string, options: { passwordStdin?: boolean }) =>
      withAccounts(async (desk) => {
        const password = await readPassword(options)
        await setPassword(desk, (await named(desk, name)).sub, password)
        say(`changed the password of ${name}; every session ended`)
      }),
    )
}

const addEndingCommands = (users: Command): void => {
  users
    .command('disable <name>')
    .description('end every session of a user and refuse logins')
    .option(...force)
    .action((name: string, options: Forced) =>
      withAccounts(async (desk) => {
        const { sub } = await named(desk, name)
        if (options.force) await setActive(desk, sub, false)
        else await disableKeepingOne(desk, sub)
        say(`disabled ${name}`)
      }),
    )
  users
    .command('delete <name>')
    .description('end every session of a user and remove the account, for ever')
    .requiredOption('--yes', 'say that it is meant')
    .option(...force)
    .action((name: string, options: Forced) =>
      withAccounts(async (desk) => {
        const { sub } = await named(desk, name)
        if (options.force) await deleteUser(desk, sub)
        else await deleteKeepingOne(desk, sub)
        say(`deleted ${name}; every session ended, and the name is free`)
      }),
    )
}

/** `curfew users …`: works on the same store as the gateways, also while they run. */
export const addUserCommands = (root: Command): void => {
  const users = root
    .command('users')
    .description(
      'add, list, disable, enable, delete, password, roles: the built-in directory; also while ' +
        'gateways run',
    )
  addPasswordCommands(users)
  users
    .command('roles <name>')
    .description('show, give or take roles; one that is taken ends every session of the user')
    .option('--add <role>', 'give a role; may be repeated', collect, [])
    .option('--remove <role>', 'take a role; may be repeated', collect, [])
    .option(...force)
    .action((name: string, options: RoleOptions) =>
      withAccounts((desk) => changeRoles(desk, name, options)),
    )
  users
    .command('enable <name>')
    .description('let a user log in again')
    .action((name: string) =>
      withAccounts(async (desk) => {
        await setActive(desk, (await named(desk, name)).sub, true)
        say(`enabled ${name}`)
      }),
    )
  addEndingCommands(users)
  users
    .command('list')
    .description('name, id, state, roles and last login (CURFEW_UPDATE_LAST_LOGIN) of every user')
    .action(() => withAccounts(printUsers))
}
