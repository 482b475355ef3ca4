import type { EpochMs } from '../../../shared/kernel/ids.ts'
import type { Credentials, UserIdentity } from '../../../shared/ports/credentials.ts'
import type { User, UserChange } from '../../../shared/ports/user-directory.ts'
import type { CommandContext } from '../publication/index.ts'
import { emailKey } from './account-rules.ts'
import type { LoginHistory } from './login-history.ts'
import { knownAddressesMax } from './login-limits.ts'
import { userNamed } from './name-spellings.ts'
import type { Accounts } from './open-accounts.ts'
import { type AccountDeps, completePendingCutoff } from './pending-cutoff.ts'

type BuiltInDeps = AccountDeps &
  Readonly<{ accounts: Pick<Accounts, 'passwords'>; context: CommandContext }>

const toPerson = ({ sub, id, username, roles }: User): UserIdentity => ({
  sub,
  id,
  username,
  roles,
})

/**
 * Credentials from the built-in directory. If an interrupted change of the account has left a
 * pending cutoff, it is appended before the answer (decision 0073: a password written after the
 * cutoff).
 */
export const builtInCredentials = (deps: BuiltInDeps): Credentials => {
  const { directory, passwords } = deps.accounts
  return {
    subjectOf: async (username) => {
      // Both are always read, so that the time does not tell which names exist.
      const [byUserName, byAddress] = await Promise.all([
        userNamed(directory, username),
        username.includes('@') ? directory.byEmail(emailKey(username)) : null,
      ])
      const user = byUserName ?? byAddress
      // Before the login reads the cutoffs: else another login could complete it between that and
      // the check of the password, and this one's session would begin below the cutoff.
      if (user) await completePendingCutoff(deps, user)
      return user?.sub ?? null
    },

    verify: async ({ sub, password }) => {
      const user = sub === null ? null : await directory.bySub(sub)
      if (user?.due) {
        await completePendingCutoff(deps, user)
        return { outcome: 'changed' }
      }
      const matches = await passwords.verify(user?.passwordHash ?? null, password)
      if (!user) return { outcome: 'refused', why: 'unknown_user' }
      if (!matches) return { outcome: 'refused', why: 'wrong_password' }
      const isOver = user.passwordUntil && deps.context.storeClock.now() >= user.passwordUntil
      if (!user.active || isOver) return { outcome: 'refused', why: 'inactive' }
      await upgradeHash(deps, user, password)
      return { outcome: 'verified', person: toPerson(user) }
    },

    bySub: async (sub) => {
      const user = await directory.bySub(sub)
      if (!user) return { state: 'absent' }
      if (user.due) {
        await completePendingCutoff(deps, user)
        return { state: 'changed' }
      }
      return { state: user.active ? 'active' : 'inactive', person: toPerson(user) }
    },
  }
}

/** Replaces an imported or outdated hash, unless the password has changed meanwhile. */
const upgradeHash = async (
  { accounts: { directory, passwords }, context: { logger } }: BuiltInDeps,
  { sub, passwordHash: old }: User,
  password: string,
): Promise<void> => {
  if (passwords.isCurrent(old)) return
  try {
    const passwordHash = await passwords.hash(password)
    await directory.change(sub, { passwordHash }, { unlessDue: true, ifPasswordHash: old })
  } catch (error) {
    // The login succeeds all the same; the next one tries again.
    logger.warn({ error: error as Error, sub }, 'a password hash was not upgraded')
  }
}

/** At most one write a login: a new address, and the instant if CURFEW_UPDATE_LAST_LOGIN is on. */
export const builtInLoginHistory = ({
  accounts: { directory, updateLastLogin },
}: Readonly<{ accounts: Pick<Accounts, 'directory' | 'updateLastLogin'> }>): LoginHistory => {
  const lastLogin = (at: EpochMs): UserChange => (updateLastLogin ? { lastLoginAt: at } : {})
  return {
    addressesOf: async (sub) => (await directory.bySub(sub))?.knownAddresses ?? [],
    record: async (sub, { addressId, at }) => {
      const known = (await directory.bySub(sub))?.knownAddresses ?? []
      const knownAddresses = [...known, addressId].slice(-knownAddressesMax)
      const change = { ...lastLogin(at), ...(known.includes(addressId) ? {} : { knownAddresses }) }
      if (Object.keys(change).length > 0) await directory.change(sub, change)
    },
  }
}
