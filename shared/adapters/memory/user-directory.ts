import { isDeepStrictEqual } from 'node:util'
import type { SubjectId } from '../../kernel/ids.ts'
import type { User, UserDirectory } from '../../ports/user-directory.ts'
import { deepFreeze } from './deep-freeze.ts'

// By bytes, as databases compare: `<` of JavaScript orders some characters otherwise.
const byName = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The executable model of a user directory. Nothing survives the process. */
export const openMemoryUserDirectory = (): UserDirectory => {
  const users = new Map<SubjectId, User>()
  const named = (username: string): User | null =>
    [...users.values()].find((user) => user.username === username) ?? null
  const mailed = (email: string): User | null =>
    [...users.values()].find((user) => user.email === email) ?? null
  const set = (user: User): void => {
    users.set(user.sub, deepFreeze(user))
  }
  return {
    create: async (user) => {
      if (users.has(user.sub) || named(user.username)) return 'exists'
      if (user.email !== undefined && mailed(user.email)) return 'exists'
      set(user)
      return 'created'
    },
    byName: async (username) => named(username),
    byEmail: async (email) => mailed(email),
    bySub: async (sub) => users.get(sub) ?? null,
    change: async (sub, change, { unlessDue = false, ifPasswordHash, ifRoles } = {}) => {
      const user = users.get(sub)
      if (!user) return 'absent'
      if (unlessDue && user.due) return 'due'
      if (ifPasswordHash !== undefined && user.passwordHash !== ifPasswordHash) return 'stale'
      if (ifRoles && !isDeepStrictEqual(user.roles, ifRoles)) return 'stale'
      set({ ...user, ...change })
      return 'changed'
    },
    settle: async (sub, claim) => {
      const user = users.get(sub)
      if (user?.due?.claim === claim) set({ ...user, due: null })
    },
    remove: async (sub, claim) => {
      if (users.get(sub)?.due?.claim === claim) users.delete(sub)
    },
    withDue: async (limit) => [...users.values()].filter(({ due }) => due !== null).slice(0, limit),
    list: async (after, limit) =>
      [...users.values()]
        .sort((a, b) => byName(a.username, b.username))
        .filter(({ username }) => after === null || byName(username, after) > 0)
        .slice(0, limit),
    count: async () => users.size,
    close: async () => {},
  }
}
