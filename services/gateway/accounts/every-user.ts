import type { User, UserDirectory } from '../../../shared/ports/user-directory.ts'

const page = 200

/**
 * All accounts in order of name, one page in memory. Cost: one read for each 200. Who is made
 * meanwhile may be missed.
 */
export const everyUser = async function* (directory: UserDirectory): AsyncGenerator<User> {
  for (let after: string | null = null; ; ) {
    const users: readonly User[] = await directory.list(after, page)
    yield* users
    const last = users.at(-1)
    if (!last || users.length < page) return
    after = last.username
  }
}
