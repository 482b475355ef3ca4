import type { Credentials } from '../../../shared/ports/credentials.ts'
import type { RateLimits } from '../../../shared/ports/rate-limits.ts'
import type { UserDirectory } from '../../../shared/ports/user-directory.ts'
import { type LoginHistory, memoryLoginHistory } from './login-history.ts'
import { LoginLimits } from './login-limits.ts'
import { openPasswords, type Passwords } from './open-passwords.ts'
import type { HashCost } from './password-hash.ts'

/** The user lookup. A team's own directory takes no writes, so the login history is apart. */
export type Users = Readonly<{ credentials: Credentials; loginHistory: LoginHistory }>

type Settings = Readonly<{
  checkUserIsActive: boolean
  updateLastLogin: boolean
  /** Words that must not make up a password, beside Curfew's name and the user's. */
  passwordWords: readonly string[]
  /** The role that makes a user an administrator. */
  adminRole: string
  /** How long a password that was made for a user is valid, in ms. */
  initialPasswordMs: number
}>

/** The directories, password hashing and login limits, with their settings. */
export type Accounts = Settings &
  Readonly<{
    /** The built-in directory; it is there also where a team uses its own. */
    directory: UserDirectory
    /** A team's own directory, in place of the built-in one. */
    ownUsers: Users | null
    passwords: Passwords
    limits: LoginLimits
  }>

type AccountParts = Readonly<{
  directory: UserDirectory
  ownDirectory?: Credentials | null
  limits: RateLimits
  addressKey: ConstructorParameters<typeof LoginLimits>[1]
  /** What new password hashes cost; OWASP's recommendation without it. */
  hashCost?: HashCost
  /** Wraps the password hashing, to measure it. */
  decorate?: (passwords: Passwords) => Passwords
}>

export const openAccounts = (
  { checkUserIsActive, updateLastLogin, passwordWords, adminRole, initialPasswordMs }: Settings,
  {
    directory,
    ownDirectory,
    limits,
    addressKey,
    hashCost,
    decorate = (passwords) => passwords,
  }: AccountParts,
): Accounts => ({
  checkUserIsActive,
  updateLastLogin,
  passwordWords,
  adminRole,
  initialPasswordMs,
  directory,
  ownUsers: ownDirectory ? { credentials: ownDirectory, loginHistory: memoryLoginHistory() } : null,
  passwords: decorate(openPasswords({ ...(hashCost && { cost: hashCost }) })),
  limits: new LoginLimits(limits, addressKey),
})
