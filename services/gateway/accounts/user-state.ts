import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Accounts } from './open-accounts.ts'

export type UserStateDeps = Readonly<{ accounts: Pick<Accounts, 'directory' | 'ownUsers'> }>

/**
 * The state of a user, to say why a token is refused; the token is refused in any case. `unknown`
 * when the directory does not answer, so that the refusal does not become a 503, and for a team's
 * own directory, which is not asked for a message alone.
 */
export const userStateOf = async (
  { accounts: { directory, ownUsers } }: UserStateDeps,
  sub: SubjectId,
): Promise<'active' | 'inactive' | 'deleted' | 'unknown'> => {
  if (ownUsers) return 'unknown'
  try {
    const user = await directory.bySub(sub)
    return user === null ? 'deleted' : user.active ? 'active' : 'inactive'
  } catch {
    return 'unknown'
  }
}
