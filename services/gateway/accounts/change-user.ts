import type { NewCommit } from '../../../shared/events/commit.ts'
import type { SubjectId } from '../../../shared/kernel/ids.ts'
import { changeAccount } from './change-account.ts'
import type { Accounts } from './open-accounts.ts'
import { checkPassword } from './password-rules.ts'
import type { AccountDeps } from './pending-cutoff.ts'

export const setPassword = async (
  deps: AccountDeps & Readonly<{ accounts: Pick<Accounts, 'passwords'> }>,
  sub: SubjectId,
  password: string,
): Promise<NewCommit> => {
  const { username = '' } = (await deps.accounts.directory.bySub(sub)) ?? {}
  checkPassword(password, { username, words: deps.accounts.passwordWords })
  const passwordHash = await deps.accounts.passwords.hash(password)
  const change = { passwordHash, passwordUntil: null }
  return changeAccount(deps, sub, { what: 'password_changed', change })
}

export const setActive = (deps: AccountDeps, sub: SubjectId, active: boolean): Promise<NewCommit> =>
  changeAccount(deps, sub, { what: active ? 'enabled' : 'disabled', change: { active } })

/**
 * Ends every session of the user and removes the account. The account is inactive from the first
 * write on. The cutoff stays in the store for ever, and nobody gets the same `sub` again. The name
 * becomes free.
 */
export const deleteUser = (deps: AccountDeps, sub: SubjectId): Promise<NewCommit> =>
  changeAccount(deps, sub, { what: 'deleted', change: { active: false } })
