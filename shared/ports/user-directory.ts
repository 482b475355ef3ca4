import type { Act } from '../events/event.ts'
import type { Claim, EpochMs, SubjectId } from '../kernel/ids.ts'

/**
 * Work that a change of the directory still owes to the event store; written together with the
 * change.
 */
export type PendingCutoff = Readonly<{
  claim: Claim
  what:
    | 'created'
    | 'password_changed'
    | 'disabled'
    | 'enabled'
    | 'deleted'
    /** A role was taken away; tokens that name it must die. */
    | 'roles_narrowed'
    | 'roles_widened'
  /** The version of `u/<sub>` when it was written: the commit that settles it lies above. */
  above: number
  /** Who made the change, and from where; absent where an older version wrote it. */
  by?: Act
}>

export type User = Readonly<{
  /** Random, immutable, never reused: a new user of an old name is somebody else. */
  sub: SubjectId
  /**
   * What services know the user by (the user-id claim): `sub`, or the id that an import brought.
   */
  id: string
  username: string
  /** Opens the account as the name does. In the one spelling that `emailKey` makes. */
  email?: string
  /** An encoded argon2id hash, or an imported one until the next login. */
  passwordHash: string
  roles: readonly string[]
  active: boolean
  createdAt: EpochMs
  due: PendingCutoff | null
  /** The newest login, once CURFEW_UPDATE_LAST_LOGIN had one written. */
  lastLoginAt?: EpochMs
  /** When an initial password stops to open the account; none for one that the user chose. */
  passwordUntil?: EpochMs | null
  /**
   * Keyed hashes of addresses that logged in, newest last: whom an attack on the account must not
   * lock out.
   */
  knownAddresses: readonly string[]
}>

export type UserChange = Readonly<
  Partial<
    Pick<
      User,
      | 'passwordHash'
      | 'passwordUntil'
      | 'roles'
      | 'active'
      | 'due'
      | 'knownAddresses'
      | 'lastLoginAt'
    >
  >
>

/** What must hold for a change to be made. */
export type ChangeOptions = Readonly<{
  unlessDue?: boolean
  ifPasswordHash?: string
  ifRoles?: readonly string[]
}>

/**
 * Who may log in.
 * - `create` admits one user per name and one per e-mail address; both are compared exactly. That
 *   a name is nobody's address and an address nobody's name is not promised.
 * - `change` is one atomic write; with `unlessDue` it changes nothing while other work is due and
 *   answers `due`.
 * - With `ifPasswordHash` or `ifRoles` it changes nothing when the hash is another one by now, or
 *   the roles are others or in another order, and answers `stale`.
 * - Reads return what was acknowledged before they began. Rejects with STORE_UNAVAILABLE.
 */
export interface UserDirectory {
  create(user: User): Promise<'created' | 'exists'>
  byName(username: string): Promise<User | null>
  byEmail(email: string): Promise<User | null>
  bySub(sub: SubjectId): Promise<User | null>
  change(
    sub: SubjectId,
    change: UserChange,
    options?: ChangeOptions,
  ): Promise<'changed' | 'due' | 'stale' | 'absent'>
  /** Clears `due` if it still is the one with this claim. */
  settle(sub: SubjectId, claim: Claim): Promise<void>
  /** Removes the user, whose name becomes free, if its `due` still is the one with this claim. */
  remove(sub: SubjectId, claim: Claim): Promise<void>
  withDue(limit: number): Promise<readonly User[]>
  /** In order of name. */
  list(after: string | null, limit: number): Promise<readonly User[]>
  count(): Promise<number>
  close(): Promise<void>
}
