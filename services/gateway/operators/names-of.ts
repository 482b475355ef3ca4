import { type SubjectId, subjectId } from '../../../shared/kernel/ids.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'

type NameDeps = Readonly<{
  accounts: Readonly<{ directory: Pick<UserDirectory, 'bySub'>; ownUsers: unknown }>
}>

/**
 * The names of these users. None where a team keeps its users itself: each would cost a request
 * there. @throws AuthError STORE_UNAVAILABLE
 */
export const namesOf = async (
  { accounts: { directory, ownUsers } }: NameDeps,
  all: readonly Readonly<{ sub: string }>[],
): Promise<ReadonlyMap<string, string>> => {
  if (ownUsers) return new Map()
  const subs = [...new Set(all.map(({ sub }) => subjectId(sub)))]
  const users = await Promise.all(subs.map((sub: SubjectId) => directory.bySub(sub)))
  return new Map(users.flatMap((user) => (user ? [[user.sub, user.username]] : [])))
}
