import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { Standing } from '../../../shared/ports/credentials.ts'
import type { CutoffDeps } from '../revocations/index.ts'
import type { Tokens } from '../tokens/index.ts'
import { builtInCredentials, builtInLoginHistory } from './built-in-users.ts'
import type { Accounts, Users } from './open-accounts.ts'

/** What asking the users takes, whoever keeps them. */
export type UserDeps = CutoffDeps & Readonly<{ accounts: Accounts; tokens: Pick<Tokens, 'hook'> }>

/** The team's own directory where there is one, else the built-in one. */
export const usersOf = (deps: UserDeps): Users =>
  deps.accounts.ownUsers ?? {
    credentials: builtInCredentials(deps),
    loginHistory: builtInLoginHistory(deps),
  }

export type UserLookup = Standing | Readonly<{ state: 'unasked' }>

/**
 * Who the subject of a session is. The built-in directory is always asked: it may hold a change
 * whose cutoff is still due, which is then written first. Another directory costs a request, and is
 * asked only where its answer counts.
 */
export const lookUpUser = async (deps: UserDeps, sub: SubjectId): Promise<UserLookup> => {
  const isNeeded =
    !deps.accounts.ownUsers || deps.accounts.checkUserIsActive || deps.tokens.hook.onRefresh
  return isNeeded ? usersOf(deps).credentials.bySub(sub) : { state: 'unasked' }
}

/** Whether a session of this subject may go on, by CURFEW_CHECK_USER_IS_ACTIVE. */
export const isActiveUser = (
  { accounts: { checkUserIsActive } }: UserDeps,
  { state }: UserLookup,
): boolean => !checkUserIsActive || state === 'active' || state === 'unasked'

/** `null` for somebody whom the directory does not know, or was not asked for. */
export const foundUser = (asked: UserLookup) => ('person' in asked ? asked.person : null)
