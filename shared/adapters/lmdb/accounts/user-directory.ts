import { isDeepStrictEqual } from 'node:util'
import type { Database, Key } from 'lmdb'
import { AuthError } from '../../../kernel/errors.ts'
import type { Claim, SubjectId } from '../../../kernel/ids.ts'
import type { User, UserDirectory } from '../../../ports/user-directory.ts'
import { type LmdbEnvironment, lmdbWrites } from '../environment/lmdb-environment.ts'

// An LMDB key has at most 1,978 bytes, and a character at most three a unit; no name of a user
// comes near.
const nameLengthMax = 600

type Databases = Readonly<{
  users: Database<User, Key>
  names: Database<SubjectId, Key>
  emails: Database<SubjectId, Key>
  /** Subjects with work due. */
  due: Database<true, Key>
}>

const open = (env: LmdbEnvironment): Databases => ({
  users: env.database('users'),
  names: env.database('users.names'),
  emails: env.database('users.emails'),
  due: env.database('users.due'),
})

// The bytes themselves, so that names are ordered as every database orders them; never empty, as
// LMDB demands.
const nameKey = (username: string): Buffer => Buffer.from(`=${username}`)

const set = ({ users, due }: Databases, user: User): void => {
  users.putSync(user.sub, user)
  if (user.due) due.putSync(user.sub, true)
  else due.removeSync(user.sub)
}

const create = (dbs: Databases, user: User): 'created' | 'exists' => {
  const name = nameKey(user.username)
  const email = user.email === undefined ? null : nameKey(user.email)
  if (dbs.names.get(name) !== undefined || dbs.users.get(user.sub)) return 'exists'
  if (email && dbs.emails.get(email) !== undefined) return 'exists'
  dbs.names.putSync(name, user.sub)
  if (email) dbs.emails.putSync(email, user.sub)
  set(dbs, user)
  return 'created'
}

const remove = ({ users, names, emails, due }: Databases, { sub, username, email }: User): void => {
  names.removeSync(nameKey(username))
  if (email !== undefined) emails.removeSync(nameKey(email))
  due.removeSync(sub)
  users.removeSync(sub)
}

/** @throws AuthError DATA_INVALID */
const known = ({ users }: Databases, sub: SubjectId): User => {
  const user = users.get(sub)
  if (!user) throw new AuthError('DATA_INVALID', `the directory names the absent user ${sub}`)
  return user
}

const found = (dbs: Databases, by: Database<SubjectId, Key>, text: string): User | null => {
  const sub = text.length > nameLengthMax ? undefined : by.get(nameKey(text))
  return sub === undefined ? null : known(dbs, sub)
}

const list = (dbs: Databases, after: string | null, limit: number): User[] => {
  const from = after === null ? {} : { start: nameKey(after), exclusiveStart: true }
  return Array.from(dbs.names.getRange({ ...from, limit }), ({ value }) => known(dbs, value))
}

type Condition = NonNullable<Parameters<UserDirectory['change']>[2]>

export const directoryWrites = lmdbWrites('users', open, {
  create,
  change: (
    dbs,
    sub: SubjectId,
    change: Parameters<UserDirectory['change']>[1],
    { unlessDue = false, ifPasswordHash, ifRoles }: Condition = {},
  ): Awaited<ReturnType<UserDirectory['change']>> => {
    const user = dbs.users.get(sub)
    if (!user) return 'absent'
    if (unlessDue && user.due) return 'due'
    if (ifPasswordHash !== undefined && user.passwordHash !== ifPasswordHash) return 'stale'
    if (ifRoles && !isDeepStrictEqual(user.roles, ifRoles)) return 'stale'
    set(dbs, { ...user, ...change })
    return 'changed'
  },
  settle: (dbs, sub: SubjectId, claim: Claim): void => {
    const user = dbs.users.get(sub)
    if (user?.due?.claim === claim) set(dbs, { ...user, due: null })
  },
  remove: (dbs, sub: SubjectId, claim: Claim): void => {
    const user = dbs.users.get(sub)
    if (user?.due?.claim === claim) remove(dbs, user)
  },
})

/**
 * The user directory of one machine; what one process writes, the next read of any other sees.
 * Names and addresses have at most 600 UTF-16 units (a longer one is unknown, and refused by
 * `create` as INPUT_INVALID). Closing it does nothing; whoever opened `env` closes that.
 */
export const lmdbUserDirectory = (env: LmdbEnvironment): UserDirectory => {
  const { dbs, write } = env.use(directoryWrites)
  return {
    ...write,
    create: async (user) => {
      for (const name of ['username', 'email'] as const) {
        if ((user[name]?.length ?? 0) <= nameLengthMax) continue
        throw new AuthError('INPUT_INVALID', `${name} must have at most ${nameLengthMax} units`)
      }
      return write.create(user)
    },
    byName: (username) => env.read(() => found(dbs, dbs.names, username)),
    byEmail: (email) => env.read(() => found(dbs, dbs.emails, email)),
    bySub: (sub) => env.read(() => dbs.users.get(sub) ?? null),
    withDue: (limit) =>
      env.read(() => Array.from(dbs.due.getKeys({ limit }), (sub) => known(dbs, sub as SubjectId))),
    list: (after, limit) => env.read(() => list(dbs, after, limit)),
    count: () => env.read(() => dbs.users.getKeysCount()),
    close: async () => {},
  }
}
