import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'

const pageSize = 200

/**
 * All accounts in order of name, with one page in memory. Cost: one read for each 200 accounts. May
 * miss an account that is made meanwhile.
 */
export const everyUser = async function* (directory: UserDirectory): AsyncGenerator<User> {
  for (let after: string | null = null; ; ) {
    const users: readonly User[] = await directory.list(after, pageSize)
    yield* users
    const last = users.at(-1)
    if (!last || users.length < pageSize) return
    after = last.username
  }
}
