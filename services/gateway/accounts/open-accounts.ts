import type { Credentials } from '../../../shared/ports/credentials.ts'
import type { RateLimits } from '../../../shared/ports/rate-limits.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import type { LoginHistory } from './login-history.ts'
import { LoginLimits } from './login-limits.ts'
import { openPasswords, type Passwords } from './password-hashing.ts'
import { rememberedLogins } from './remembered-logins.ts'

/** A directory outside takes none of Curfew's writes, so its visits are kept apart. */
export type Users = Readonly<{ credentials: Credentials; loginHistory: LoginHistory }>

type Settings = Readonly<{
  checkUserIsActive: boolean
  updateLastLogin: boolean
  /** Of which no password is made, beside our own and the user's name. */
  passwordWords: readonly string[]
  /** Who holds it administers accounts. */
  adminRole: string
  /** How long a password that was made for somebody opens the account, in ms. */
  initialPasswordMs: number
}>

/** The users, and what a login asks of them. */
export type Accounts = Settings &
  Readonly<{
    /** The built-in directory, also where a team keeps its users elsewhere. */
    directory: UserDirectory
    /** A team's own directory, in place of the built-in one. */
    ownUsers: Users | null
    passwords: Passwords
    limits: LoginLimits
  }>

type Given = Readonly<{
  directory: UserDirectory
  ownDirectory?: Credentials | null
  limits: RateLimits
  addressKey: ConstructorParameters<typeof LoginLimits>[1]
  /** What notes how hashing goes, around it. */
  watching?: (passwords: Passwords) => Passwords
}>

/** Hashes one decoy: some 50 ms. */
export const openAccounts = async (
  { checkUserIsActive, updateLastLogin, passwordWords, adminRole, initialPasswordMs }: Settings,
  { directory, ownDirectory, limits, addressKey, watching = (passwords) => passwords }: Given,
): Promise<Accounts> => ({
  checkUserIsActive,
  updateLastLogin,
  passwordWords,
  adminRole,
  initialPasswordMs,
  directory,
  ownUsers: ownDirectory ? { credentials: ownDirectory, loginHistory: rememberedLogins() } : null,
  passwords: watching(await openPasswords()),
  limits: new LoginLimits(limits, addressKey),
})
