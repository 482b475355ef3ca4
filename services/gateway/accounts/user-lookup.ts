import type { SubjectId } from '../../../shared/kernel/ids.ts'
import type { AccountState } from '../../../shared/ports/credentials.ts'
import type { CutoffDeps } from '../revocations/index.ts'
import type { Tokens } from '../tokens/index.ts'
import { builtInCredentials, builtInLoginHistory } from './built-in-credentials.ts'
import type { Accounts, Users } from './open-accounts.ts'

/** What the user lookup uses, whichever directory has the users. */
export type UserDeps = CutoffDeps & Readonly<{ accounts: Accounts; tokens: Pick<Tokens, 'hook'> }>

/** The team's own directory if there is one, else the built-in one. */
export const usersOf = (deps: UserDeps): Users =>
  deps.accounts.ownUsers ?? {
    credentials: builtInCredentials(deps),
    loginHistory: builtInLoginHistory(deps),
  }

export type UserLookup = AccountState | Readonly<{ state: 'unasked' }>

/**
 * Looks up the user of a session. The built-in directory is always read: if it notes a pending
 * cutoff, that is appended first and the answer is `changed`. A team's own directory costs a
 * request, so it is asked only where a setting needs its answer.
 */
export const lookUpUser = async (deps: UserDeps, sub: SubjectId): Promise<UserLookup> => {
  const isNeeded =
    !deps.accounts.ownUsers || deps.accounts.checkUserIsActive || deps.tokens.hook.onRefresh
  return isNeeded ? usersOf(deps).credentials.bySub(sub) : { state: 'unasked' }
}

/** Whether a session of this user may go on; always, where CURFEW_CHECK_USER_IS_ACTIVE is off. */
export const isActiveUser = (
  { accounts: { checkUserIsActive } }: UserDeps,
  { state }: UserLookup,
): boolean => !checkUserIsActive || state === 'active' || state === 'unasked'

/** The user; `null` if the directory does not know them, or was not asked. */
export const foundUser = (lookup: UserLookup) => ('person' in lookup ? lookup.person : null)
