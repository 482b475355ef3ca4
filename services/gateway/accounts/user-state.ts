import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Accounts } from './open-accounts.ts'

export type UserStateDeps = Readonly<{ accounts: Pick<Accounts, 'directory' | 'ownUsers'> }>

/**
 * Whether a token that is refused already is refused for its user. A directory that does not answer
 * makes no refusal a 503, and a team's own is not asked for the sake of a message: then nothing is
 * known.
 */
export const userStateOf = async (
  { accounts: { directory, ownUsers } }: UserStateDeps,
  sub: SubjectId,
): Promise<'active' | 'inactive' | 'gone' | 'unknown'> => {
  if (ownUsers) return 'unknown'
  try {
    const user = await directory.bySub(sub)
    return user === null ? 'gone' : user.active ? 'active' : 'inactive'
  } catch {
    return 'unknown'
  }
}
