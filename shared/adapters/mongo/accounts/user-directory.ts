import type { Collection, UpdateFilter } from 'mongodb'
import type { SubjectId } from '../../../kernel/ids.ts'
import type {
  PendingCutoff,
  User,
  UserChange,
  UserDirectory,
} from '../../../ports/user-directory.ts'
import type { MongoConnection } from '../connection/mongo-connection.ts'
import { isDuplicateKey } from '../connection/mongo-errors.ts'
import { dateOf, epochOf } from '../documents/bson-time.ts'
import { hasDue, indexedCalls } from '../indexes/indexes.ts'

type UserDocument = {
  _id: SubjectId
  id: string
  username: string
  email?: string
  passwordHash: string
  roles: readonly string[]
  active: boolean
  createdAt: Date
  /** There only as long as work is due, so that the partial index holds nothing else. */
  due?: PendingCutoff
  knownAddresses: readonly string[]
  lastLoginAt?: Date
  passwordUntil?: Date
}

const documentOf = ({ sub, createdAt, due, ...same }: User): UserDocument => ({
  _id: sub,
  id: same.id,
  username: same.username,
  ...(same.email === undefined ? {} : { email: same.email }),
  passwordHash: same.passwordHash,
  roles: same.roles,
  active: same.active,
  createdAt: dateOf(createdAt),
  ...(due ? { due } : {}),
  knownAddresses: same.knownAddresses,
  ...(same.lastLoginAt === undefined ? {} : { lastLoginAt: dateOf(same.lastLoginAt) }),
  ...(same.passwordUntil ? { passwordUntil: dateOf(same.passwordUntil) } : {}),
})

const userOf = ({ _id, createdAt, due, ...same }: UserDocument): User => ({
  sub: _id,
  id: same.id,
  username: same.username,
  ...(same.email === undefined ? {} : { email: same.email }),
  passwordHash: same.passwordHash,
  roles: same.roles,
  active: same.active,
  createdAt: epochOf(createdAt),
  due: due ?? null,
  knownAddresses: same.knownAddresses,
  ...(same.lastLoginAt ? { lastLoginAt: epochOf(same.lastLoginAt) } : {}),
  ...(same.passwordUntil ? { passwordUntil: epochOf(same.passwordUntil) } : {}),
})

/** `null` when there is nothing to change: MongoDB refuses an empty `$set`. */
const updateOf = (wanted: UserChange): UpdateFilter<UserDocument> | null => {
  const { due, lastLoginAt, passwordUntil, ...rest } = wanted
  const set = {
    ...rest,
    ...(lastLoginAt === undefined ? {} : { lastLoginAt: dateOf(lastLoginAt) }),
    ...(passwordUntil ? { passwordUntil: dateOf(passwordUntil) } : {}),
    ...(due ? { due } : {}),
  }
  const unset = {
    ...(due === null ? { due: '' as const } : {}),
    ...(passwordUntil === null ? { passwordUntil: '' as const } : {}),
  }
  const update = {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}),
  }
  return Object.keys(update).length > 0 ? update : null
}

const change = async (
  users: Collection<UserDocument>,
  ...[sub, wanted, { unlessDue = false, ifPasswordHash, ifRoles } = {}]: Parameters<
    UserDirectory['change']
  >
): ReturnType<UserDirectory['change']> => {
  const filter = {
    _id: sub,
    ...(unlessDue ? { due: { $exists: false } } : {}),
    ...(ifPasswordHash === undefined ? {} : { passwordHash: ifPasswordHash }),
    ...(ifRoles ? { roles: { $eq: ifRoles } } : {}),
  }
  const update = updateOf(wanted)
  const matched = update
    ? (await users.updateOne(filter, update)).matchedCount
    : await users.countDocuments(filter, { limit: 1 })
  if (matched > 0) return 'changed'
  const found = await users.findOne({ _id: sub })
  if (!found) return 'absent'
  return unlessDue && found.due ? 'due' : 'stale'
}

/**
 * The user directory as the MongoDB collection `users`, `_id` = `sub`. The first `create` waits for
 * the unique indexes on name and address, without which two users could share one. Both compare by
 * their bytes (no collation).
 */
export const mongoUserDirectory = (connection: MongoConnection): UserDirectory => {
  const users = connection.db.collection<UserDocument>('users')
  const { call, ready } = indexedCalls(connection, 'users')
  const one = (
    filter: { username: string } | { email: string } | { _id: SubjectId },
  ): Promise<User | null> =>
    call(async () => {
      const found = await users.findOne(filter)
      return found && userOf(found)
    })
  return {
    create: (user) =>
      call(async () => {
        await ready()
        try {
          await users.insertOne(documentOf(user))
          return 'created'
        } catch (error) {
          if (isDuplicateKey(error)) return 'exists'
          throw error
        }
      }),

    byName: (username) => one({ username }),
    byEmail: (email) => one({ email }),
    bySub: (sub) => one({ _id: sub }),
    change: (sub, wanted, options) => call(() => change(users, sub, wanted, options)),

    settle: (sub, claim) =>
      call(async () => {
        await users.updateOne({ _id: sub, 'due.claim': claim }, { $unset: { due: '' } })
      }),

    remove: (sub, claim) =>
      call(async () => {
        await users.deleteOne({ _id: sub, 'due.claim': claim })
      }),

    withDue: (limit) =>
      call(async () => {
        if (limit <= 0) return [] // MongoDB takes a limit of 0 as none.
        const found = await users.find(hasDue).limit(limit).toArray()
        return found.map(userOf)
      }),

    list: (after, limit) =>
      call(async () => {
        if (limit <= 0) return []
        const filter = after === null ? {} : { username: { $gt: after } }
        const found = await users.find(filter).sort({ username: 1 }).limit(limit).toArray()
        return found.map(userOf)
      }),

    count: () => call(() => users.countDocuments({})),
    close: async () => {},
  }
}
